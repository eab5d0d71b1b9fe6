"""Who may do what on a storefront: a table that is checked in, and the requests that it is about (SEC-Z1)."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from bookable.kernel.ids import new_id

from .scene import Scene

__all__ = ["Matrix", "Request", "about", "another", "filled", "naming", "plain", "read", "told", "words"]

Table = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Request:
    """What the rightful caller of an operation would ask. `about`: makes what it names, and answers its id; `given`:
    what httpx is given besides the path, for that id."""

    about: Callable[[Any], Awaitable[object]] | None
    given: Callable[[str], dict[str, Any]]

    async def named(self, scene: Scene) -> str:
        """The id of what it is about, or the empty text."""
        return str(await self.about(scene)) if self.about else ""


def plain(**request: Any) -> Request:
    """It names nothing."""
    return Request(None, lambda _: dict(request))


def about(make: Callable[[Any], Awaitable[object]], **request: Any) -> Request:
    """It names something in its path."""
    return Request(make, lambda _: dict(request))


def naming(make: Callable[[Any], Awaitable[object]], given: Callable[[str], dict[str, Any]]) -> Request:
    """It names something in its body, its query or a header."""
    return Request(make, given)


@dataclass(frozen=True)
class Matrix:
    """A storefront's operations by actors. `privy`: who may be shown what is the owner's; `shows`: the reads by which
    the owner is."""

    kind: str
    scene: type[Scene]
    requests: Mapping[str, Request]
    privy: frozenset[str]
    shows: frozenset[str]

    @cached_property
    def table(self) -> Table:
        """The expected status by operation and actor; `elsewhere` is the foreign admin's in their own tenant, where
        the request names what is in this one, and `-` where it names nothing."""
        return read(Path(__file__).with_name(self.kind) / "access.txt")

    @property
    def actors(self) -> list[str]:
        return [who for who in next(iter(self.table.values())) if who != "elsewhere"]

    def rightful(self, operation: str) -> str:
        """Somebody who may do this; where nobody may as it is asked, the owner."""
        return next((who for who in ("owner", *self.actors) if self.table[operation][who] < "300"), "owner")


def read(path: Path) -> Table:
    """The cells of a table, by the first column and the heading."""
    lines = [line.rsplit(maxsplit=_columns(path)) for line in _lines(path)]
    heading, *rows = lines
    found = {row: dict(zip(heading[1:], cells, strict=True)) for row, *cells in rows}
    assert len(found) == len(rows), "an operation has two rows"
    return found


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _columns(path: Path) -> int:
    return len(_lines(path)[0].split()) - 1


def another(id_: str) -> str:
    """An id of the same form that nothing has."""
    try:
        UUID(id_)
    except ValueError:
        return str(10**9 + secrets.randbelow(10**9)) if id_.isdigit() else id_[:-12] + secrets.token_hex(6)
    return str(new_id())


def filled(template: str, id_: str) -> str:
    """The path with the id in its place."""
    start, brace, rest = template.partition("{")
    return f"{start}{id_}{rest.partition('}')[2]}" if brace else template


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that an answer says, but for which request it answers."""
    mine = answer.headers["x-request-id"]
    headers = [(k, v) for k, v in answer.headers.items() if v != mine]
    return answer.status_code, headers, answer.content.replace(mine.encode(), b"")


def words(answer: httpx.Response) -> str:
    """The text of an answer, without the folds of a calendar file."""
    return answer.text.replace("\r\n ", "")
