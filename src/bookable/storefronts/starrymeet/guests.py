"""Guests on the wire: an access token opens one booking, and every call about it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings
from bookable.kernel.actors import Actor
from bookable.kernel.errors import Unauthenticated
from bookable.storefronts.kit import Call

from .policy import policy

__all__ = ["AccessToken", "admit"]

AccessToken = Annotated[str, Field(min_length=1, max_length=200)]
"""What a guest was given for one booking; in the query or the body of any call about it."""


async def admit(call: Call, booking: UUID | str | None, access_token: str | None) -> Actor:
    """Who acts in a call about this booking: the guest who holds its token, or else whoever has signed in.

    Raises `NoSuchBooking` when the token does not open this booking, `Unauthenticated` when nobody is there.
    """
    if access_token is not None and booking is not None:
        async with call.db.transaction(call.system) as tx:
            return await bookings.guest(tx, booking, access_token, policy(call.tenant))
    if call.actor.id is None:
        raise Unauthenticated
    return call.actor
