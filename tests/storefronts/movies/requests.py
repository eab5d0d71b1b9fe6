"""For each operation the request that its rightful caller would make, about the owner's own."""

from typing import Any

from tests.make_identity import PASSWORD

from ..access import Matrix, about, naming, plain
from .scene import Collection, poster

__all__ = ["MOVIES"]


def _cookie(token: str) -> dict[str, Any]:
    return {"headers": {"Cookie": f"refreshToken={token}"}}


def _import(import_id: str) -> dict[str, Any]:
    return {"params": {"importId": import_id}, "json": [{"title": "Heat"}]}


_NOBODY = {"email": "nobody@example.com", "password": PASSWORD}
_PNG = {"Content-Type": "image/png"}

_REQUESTS = {
    "POST /auth/signup": plain(json={**_NOBODY, "name": "A", "password": "short"}),
    "POST /auth/login": plain(json=_NOBODY),
    "POST /auth/refresh": naming(Collection.refresh_token, _cookie),
    "POST /auth/logout": naming(Collection.refresh_token, _cookie),
    "GET /me": plain(),
    "PATCH /me": plain(json={"name": "Eve"}),
    "GET /me/preferences": plain(),
    "PUT /me/preferences": plain(json={"pageSize": 5}),
    "GET /movies": plain(),
    "POST /movies": plain(json={"title": "Heat"}),
    "POST /movies/import": naming(Collection.imported, _import),
    "GET /movies/imports": plain(),
    "GET /movies/imports/{import_id}": about(Collection.imported),
    "GET /movies/export": plain(),
    "GET /movies/{movie_id}": about(Collection.film),
    "PUT /movies/{movie_id}": about(Collection.film, json={"title": "Heat"}),
    "PATCH /movies/{movie_id}": about(Collection.film, json={"title": "Heat"}),
    "DELETE /movies/{movie_id}": about(Collection.film),
    "POST /uploads/images": plain(json={"contentType": "image/png", "size": 100}),
    "PUT /uploads/images/{upload_id}": about(Collection.announced, content=poster(), headers=_PNG),
    "POST /uploads/images/{upload_id}/complete": about(Collection.sent),
    "GET /uploads/images/{upload_id}": about(Collection.complete),
    "POST /movies/{movie_id}/share": about(Collection.film),
    "DELETE /movies/{movie_id}/share": about(Collection.shown_film),
    "GET /shared/{token}": about(Collection.link),
    "GET /movies/{movie_id}/comments": about(Collection.film),
    "POST /movies/{movie_id}/comments": about(Collection.film, json={"text": "Ah!"}),
    "POST /graphql": plain(json={"query": "{ me { id } movies { items { id } } }"}),
}

_SHOWS = frozenset(
    {
        "GET /me",
        "GET /movies",
        "GET /movies/export",
        "GET /movies/{movie_id}",
    }
)
MOVIES = Matrix("movies", Collection, _REQUESTS, privy=frozenset({"owner"}), shows=_SHOWS)
