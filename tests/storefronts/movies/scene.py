"""A person and their films, of which only what is asked for is made."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from PIL import Image

from ..scene import Scene

__all__ = ["Collection", "poster"]


def poster() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(out, "PNG")
    return out.getvalue()


@dataclass
class Collection(Scene):
    """The owner is whose films they are."""

    async def film(self) -> int:
        """The owner's, shown to nobody."""
        said = {"title": self.private, "notes": self.private, "imageUrl": f"https://example.com/{self.private}.jpg"}
        return await self._add(**said)

    async def shown_film(self) -> int:
        """The owner's, shown to others, who have said something of it."""
        film_id = await self._shared()
        for who in ("owner", "stranger"):
            path, headers = f"/movies/{film_id}/comments", await self.headers(who)
            assert (await self.client.post(path, json={"text": self.mark}, headers=headers)).status_code == 201
        return film_id

    async def link(self) -> str:
        """What opens a film of the owner's to anyone; its notes are still the owner's."""
        token: str = (await self.ask("POST", f"/movies/{await self._shared()}/share"))["token"]
        return token

    async def _shared(self) -> int:
        film_id = await self._add(title=self.mark, notes=self.private)
        await self.ask("POST", f"/movies/{film_id}/share")
        return film_id

    async def _add(self, **said: Any) -> int:
        film_id: int = (await self.ask("POST", "/movies", json=said))["id"]
        return film_id

    async def imported(self) -> str:
        """A file of the owner's that has been brought in."""
        import_id = str(uuid4())
        await self.ask("POST", "/movies/import", params={"importId": import_id}, json=[{"title": self.private}])
        return import_id

    async def announced(self) -> str:
        """A picture that the owner may send: its id, and the signature that the address ends with."""
        upload = await self.ask("POST", "/uploads/images", json={"contentType": "image/png", "size": len(poster())})
        address = urlsplit(upload["uploadUrl"])
        return f"{upload['id']}?{address.query}"

    async def sent(self) -> str:
        """One whose bytes have come."""
        address = await self.announced()
        headers = {"Content-Type": "image/png"}
        sent = await self.client.put(f"/uploads/images/{address}", content=poster(), headers=headers)
        assert sent.status_code == 204, sent.text
        return address.partition("?")[0]

    async def complete(self) -> str:
        """One that is shown."""
        upload_id = await self.sent()
        await self.ask("POST", f"/uploads/images/{upload_id}/complete")
        return upload_id

    async def furnish(self) -> None:
        await self.film()
        await self.film()
        await self.imported()
        await self.imported()
        await self.complete()
