"""Which web pages may read our answers: those of an exact list of origins (Fetch standard, CORS protocol)."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

__all__ = ["Cors", "HeaderList", "origin_of"]

HeaderList = tuple[tuple[bytes, bytes], ...]

_VARY: HeaderList = ((b"vary", b"Origin"),)
_EXPOSED = (
    b"X-Request-ID, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed,"
    b" ETag, Location, Content-Disposition, Link"
)
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_USUAL = b"authorization, content-type, idempotency-key, x-request-id, if-match, if-none-match"
_FIELD_NAMES = re.compile(rb"[A-Za-z0-9_-]{1,64}(?:[ \t]*,[ \t]*[A-Za-z0-9_-]{1,64}){0,31}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """`https://app.example` of `https://app.example:443/path`, as a browser writes it. Raises ValueError."""
    parts = urlsplit(url.strip())
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!r} is not the address of a web page")
    host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


class Cors:
    """The headers that let the listed origins read an answer; `*` lets all, without cookies, outside production."""

    def __init__(self, origins: Iterable[str], *, production: bool) -> None:
        listed = [origin.strip() for origin in origins if origin.strip()]
        self._open = "*" in listed
        if self._open and production:
            raise ValueError("FRONTEND_URL: * is not allowed in production")
        self._allowed = {
            origin_of(origin).encode(): _for_origin(origin_of(origin)) for origin in listed if origin != "*"
        }
        self._others = _for_everyone() if self._open else _VARY

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may talk to us: for sockets, where a browser asks nobody."""
        return self._open or origin.encode("latin-1", "replace") in self._allowed

    def headers(self, origin: bytes | None) -> HeaderList:
        """For an answer to this origin."""
        if origin is None or origin not in self._allowed:
            return self._others
        return self._allowed[origin]

    def preflight(self, headers: Mapping[bytes, bytes]) -> HeaderList:
        """For the answer to `OPTIONS` with `Access-Control-Request-Method`; the usual headers go with it."""
        if not self._open and headers.get(b"origin") not in self._allowed:
            return ()
        asked = headers.get(b"access-control-request-headers", b"")
        return (
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", asked if _FIELD_NAMES.fullmatch(asked) else _USUAL),
            (b"access-control-max-age", b"600"),
            (b"vary", b"Access-Control-Request-Headers"),
        )


def _for_origin(origin: str) -> HeaderList:
    return (
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", _EXPOSED),
        *_VARY,
    )


def _for_everyone() -> HeaderList:
    return (
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", _EXPOSED),
        *_VARY,
    )
