"""The refresh token in its cookie: out of reach of scripts, sent to `/auth` alone, and believed from our pages only."""

from datetime import timedelta
from urllib.parse import urlsplit

from bookable.kernel.errors import Forbidden
from bookable.storefronts.kit import Call

__all__ = ["COOKIE", "cleared", "from_our_pages", "kept", "presented"]

COOKIE = "refreshToken"


class ForeignPage(Forbidden):
    """A page that is neither ours nor the front end's has sent the cookie along."""

    message = "This can only be asked for from the site itself."


def kept(call: Call, token: str, lifetime: timedelta) -> dict[str, str]:
    """The header that gives the browser its next refresh token."""
    return _header(call, token, int(lifetime.total_seconds()))


def cleared(call: Call) -> dict[str, str]:
    """The header that takes the cookie away."""
    return _header(call, "", 0)


def presented(call: Call) -> str | None:
    """The refresh token that came in the cookie."""
    return call.request.cookies.get(COOKIE) or None


def from_our_pages(call: Call) -> None:
    """Raises `ForeignPage` when a browser says that a page from elsewhere asks. Programs that are none say nothing."""
    headers = call.request.headers
    origin = headers.get("origin")
    if origin is None:
        if headers.get("sec-fetch-site") == "cross-site":
            raise ForeignPage
    elif origin not in (_origin(call.ports.frontend_url), *_own(headers.get("host", ""))):
        raise ForeignPage


def _own(host: str) -> tuple[str, str]:
    return f"http://{host.lower()}", f"https://{host.lower()}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _header(call: Call, value: str, seconds: int) -> dict[str, str]:
    path = f"{call.request.scope['root_path']}/auth"
    parts = [f"{COOKIE}={value}", f"Path={path}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    if not call.ports.development:
        parts.append("Secure")
    return {"Set-Cookie": "; ".join(parts), "Cache-Control": "no-store"}
