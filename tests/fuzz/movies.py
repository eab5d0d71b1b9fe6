"""Movies for the fuzzer: films, links, comments, posters on their way, and GraphQL that can be read."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx

from tests.processes.customers import PASSWORD
from tests.storefronts.movies.scene import poster

from .worlds import Ids, World

__all__ = ["Movies"]

_FILM = "id title year notes rating watched shared ownerId createdAt owner { id name }"
_DOCUMENTS = [
    "{ me { id name email role createdAt } }",
    f"query ($id: Int!) {{ movie(id: $id) {{ {_FILM} }} }}",
    f"query ($p: Int, $s: String) {{ movies(page: $p, limit: 3, search: $s) {{ items {{ {_FILM} }} }} }}",
    "query ($c: String) { movies(cursor: $c) { meta { nextCursor } } a: movies(limit: 1) { items { id } } }",
    f"mutation ($input: MovieInput!) {{ createMovie(input: $input) {{ {_FILM} }} }}",
    f"mutation ($id: Int!, $input: MovieInput!) {{ updateMovie(id: $id, input: $input) {{ {_FILM} }} }}",
    "mutation ($id: Int!) { deleteMovie(id: $id) }",
    "query A { me { id } } query B { movies { items { id } } }",
    "{ __schema { types { name } } }",
    "{ me { nobody } }",
]


class Movies(World):
    kind = "movies"
    below = ""
    ends_the_session = ("/auth/logout",)
    roles = ("user",)

    def sign_up(self, email: str) -> None:
        self.ask(None, "POST", "/auth/signup", name="A B", email=email, password=PASSWORD)

    def sign_in(self, email: str) -> str:
        return str(self.ask(None, "POST", "/auth/login", email=email, password=PASSWORD)["accessToken"])

    def ids(self, token: str) -> Ids:
        films = [self._film(token, n) for n in range(30)]
        elses = [self._film(self.signed_in("user"), n) for n in range(3)]
        links = [self.ask(token, "POST", f"/movies/{film}/share")["token"] for film in films[:8]]
        for film in films[:4]:
            self.ask(token, "POST", f"/movies/{film}/comments", text="Ah!")
        imports = [self._import(token) for _ in range(3)]
        uploads, signatures = self._posters(token)
        return {
            "movie_id": [*films, *elses],
            "token": links,
            "upload_id": uploads,
            "signature": signatures,
            "import_id": imports,
            "importId": [*imports, *(str(uuid4()) for _ in range(20))],
            "query": _DOCUMENTS,
            "variables": self._variables(films),
            "operationName": [None, "A", "B"],
            "extensions": [None, {}, {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}],
            "email": ["nobody@example.com", *(f"fuzz{n}@example.com" for n in range(5))],
            "password": [PASSWORD],
            "contentType": ["image/png", "image/jpeg", "image/webp"],
            "size": [len(poster()), 1_000, "small"],
            "year": ["1999", "2020", ""],
            "imageUrl": ["https://example.com/poster.jpg"],
        }

    @staticmethod
    def _variables(films: list[int]) -> list[dict[str, Any] | None]:
        drafts: list[dict[str, Any]] = [{"title": "Heat", "year": "1995"}, {"title": "", "rating": 11}, {"notes": None}]
        return [None, {"p": 2, "s": "e"}, *({"id": films[n], "input": drafts[n % 3]} for n in range(6))]

    def _film(self, token: str, n: int) -> int:
        made: int = self.ask(token, "POST", "/movies", title=f"Film {n}", notes="Seen.", rating=n % 11)["id"]
        return made

    def _import(self, token: str) -> str:
        import_id = str(uuid4())
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
        address = f"{self.base}/movies/import?importId={import_id}"
        assert httpx.post(address, content=b"title,year\nHeat,1995\nUp,0\n", headers=headers).status_code == 200
        return import_id

    def _posters(self, token: str) -> tuple[list[str], list[str]]:
        """One that is announced, one that is sent, one that is complete; and the signatures of the first two."""
        sizes = {"contentType": "image/png", "size": len(poster())}
        made = [self.ask(token, "POST", "/uploads/images", **sizes) for _ in range(3)]
        for upload in made[1:]:
            sent = httpx.put(upload["uploadUrl"], content=poster(), headers=upload["headers"])
            assert sent.status_code == 204, sent.text
        self.ask(token, "POST", f"/uploads/images/{made[2]['id']}/complete")
        signatures = [parse_qs(urlsplit(upload["uploadUrl"]).query)["signature"][0] for upload in made[:2]]
        return [upload["id"] for upload in made], signatures

    def stranger_headers(self) -> dict[str, str]:
        """A cookie that is still good."""
        body = {"name": "A B", "email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        signed_up = httpx.post(f"{self.base}/auth/signup", json=body)
        return {"Cookie": f"refreshToken={signed_up.cookies['refreshToken']}"}
