"""Pictures, served: what is behind a name never changes, so whoever has it keeps it; and no browser runs it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookable.domain import media
from bookable.kernel.errors import NotFound

from .wire import endpoint

__all__ = ["routes"]

_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "content-disposition": "inline",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


def routes(pictures: media.Store) -> list[Route]:
    """`GET /media/{path}`."""

    async def show(request: Request) -> Response:
        picture = await pictures.read(request.path_params["path"])
        if picture is None:
            raise NotFound
        headers = {**_HEADERS, "etag": f'"{picture.etag}"'}
        if _has(request, picture.etag):
            return Response(status_code=304, headers=headers)
        return Response(picture.data, media_type=picture.content_type, headers=headers)

    return [Route("/media/{path:path}", endpoint(show), methods=["GET"], name="media")]


def _has(request: Request, etag: str) -> bool:
    """Whether the client says it has it already (RFC 9110, 13.1.2: weak comparison)."""
    said = request.headers.get("if-none-match", "")
    return said.strip() == "*" or f'"{etag}"' in (tag.strip().removeprefix("W/") for tag in said.split(","))
