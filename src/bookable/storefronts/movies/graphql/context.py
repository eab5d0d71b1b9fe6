"""What the fields of one operation share: who asks, their transaction, and what has been asked for at once."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from bookable.domain import films, identity
from bookable.kernel.db import Transaction
from bookable.kernel.errors import DomainError
from bookable.storefronts.kit import Call, checked

from ..collection import ListMovies, MoviesData
from ..movie import shape
from ..wire import meta
from .execution import Turns

__all__ = ["Context", "Wanted"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of one's films, as a field asks for it."""

    page: int
    limit: int | None
    search: str | None
    cursor: str | None


class Context:
    """Made for each run of an operation, so that nothing read in a transaction outlives it.

    What several fields ask for one by one is asked of the database once: owners by id, films by number, a page
    that is wanted more than once.
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self._turns = Turns(call.tx)
        self.owners: DataLoader[UUID, identity.User | None] = DataLoader(load_fn=self._owners)
        self.films: DataLoader[int, films.Film] = DataLoader(load_fn=self._films)
        self.pages: DataLoader[Wanted, MoviesData] = DataLoader(load_fn=self._pages)

    @property
    def me(self) -> UUID:
        """Raises `Unauthenticated`."""
        return self.call.user_id

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """In its turn."""
        async with self._turns.reading() as tx:
            return await work(tx)

    async def change(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """In its turn; undone alone when it fails. What was read before is not believed after."""
        self.films.clear_all()
        self.pages.clear_all()
        async with self._turns.changing() as tx:
            return await work(tx)

    async def _owners(self, ids: list[UUID]) -> list[identity.User | None]:
        found = await self.read(lambda tx: identity.get_many(tx, ids))
        return [found.get(i) for i in ids]

    async def _films(self, ids: list[int]) -> list[films.Film | Exception]:
        """The caller's own, and for any other the reason why not."""
        found = await self.read(lambda tx: films.get_many(tx, self.me, ids))
        return [found.get(i) or await self._refusal(i) for i in ids]

    async def _refusal(self, film_id: int) -> films.Film | Exception:
        try:
            return await self.read(lambda tx: films.get(tx, self.me, film_id))
        except (films.NoSuchFilm, films.NotYourFilm) as refusal:
            return refusal

    async def _pages(self, wanted: list[Wanted]) -> list[MoviesData | Exception]:
        return [await self._page(one) for one in wanted]

    async def _page(self, wanted: Wanted) -> MoviesData | Exception:
        try:
            query = checked(ListMovies.model_validate, asdict(wanted))
            return await self.read(lambda tx: self._listed(tx, query))
        except DomainError as refusal:
            return refusal

    async def _listed(self, tx: Transaction, query: ListMovies) -> MoviesData:
        limit = query.limit or (await films.preferences_of(tx, self.me)).page_size
        found = await films.list_own(
            tx, self.me, query.filters(), order=query.sort, page=query.page, limit=limit, cursor=query.cursor
        )
        return MoviesData(
            items=[shape(film) for film in found.items], meta=meta(query.page, limit, found.total, found.next_cursor)
        )
