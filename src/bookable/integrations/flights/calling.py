"""Calls to a flight provider over HTTP: what may be repeated is, once; what is not answered is `Unavailable`."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

import httpx

from bookable.kernel.errors import Unavailable
from bookable.kernel.logs import get_logger
from bookable.kernel.money import Money, exponent

__all__ = ["E164", "Caller", "money", "not_taken", "readable", "readable_ones", "wall_time"]

P = ParamSpec("P")
T = TypeVar("T")
_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)

E164 = re.compile(r"\+[1-9]\d{7,14}")
"""A phone number as every provider wants it."""

_NOT_NOW = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Our key, or our haste: nothing that a customer could put right."""

_PAUSE = 0.2


class Caller:
    """An HTTP client of one provider."""

    def __init__(self, base: str, headers: Mapping[str, str], *, timeout: float) -> None:
        self._http = httpx.AsyncClient(base_url=base, headers=dict(headers), timeout=timeout)

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """A call without effect: tried twice. Raises `Unavailable` where there is no answer to work with."""
        try:
            return await self.act(method, path, **given)
        except Unavailable:
            await asyncio.sleep(_PAUSE)
        return await self.act(method, path, **given)

    async def act(self, method: str, path: str, **given: Any) -> httpx.Response:
        """A call made once. `Unavailable` does not say that it had no effect."""
        try:
            answer = await self._http.request(method, path, **given)
        except httpx.HTTPError as error:
            raise Unavailable("The flight provider does not answer.") from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code in _NOT_NOW:
            raise Unavailable("The flight provider can't answer at present.", retry_after=_wait(answer))
        return answer

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._http.aclose()


def not_taken(search: httpx.Response) -> list[Any]:
    """A search that the provider refuses to make (a place it does not know, a currency it has not) finds nothing.

    It is no failure of the provider's: whoever asks for odd places must not have it taken for dead.
    """
    get_logger(__name__).warning("a search was not taken", status=search.status_code, answer=search.text[:300])
    return []


def readable(call: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """A call whose answer has a shape nobody has seen is `Unavailable`: what it did is not known."""

    @wraps(call)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except _UNREADABLE as error:
            get_logger(__name__).warning("a provider's answer can't be read", call=call.__qualname__, error=repr(error))
            raise Unavailable("The flight provider's answer can't be read.") from error

    return asked


def readable_ones(read: Callable[[Any], T], found: Iterable[Any]) -> list[T]:
    """What can be read of a list. One strange offer does not hide the others; nothing but strange ones is an error."""
    good, strange = list[T](), list[Exception]()
    for one in found:
        try:
            good.append(read(one))
        except _UNREADABLE as error:
            strange.append(error)
    if strange:
        get_logger(__name__).warning("offers can't be read", left_out=len(strange), first=repr(strange[0]))
        if not good:
            raise strange[0]
    return good


def money(amount: str | float, currency: str) -> Money:
    """From a provider's decimal amount, rounded half up to what the currency has."""
    minor = Decimal(str(amount)).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), currency)


def wall_time(text: str) -> datetime:
    """A local time; providers that end it in `Z` or an offset do not mean it."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _wait(answer: httpx.Response) -> float | None:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else None
