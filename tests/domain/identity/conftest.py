"""The keys to the house, for each test of its own."""

import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Event, Subscriptions
from tests import make_identity


@pytest.fixture
async def keys(db: Database) -> Credentials:
    """What one process lets people in with."""
    return make_identity.credentials(db)


@pytest.fixture
def heard(subscriptions: Subscriptions) -> list[Event]:
    """Everything that identity says, in order, once it has been said within a transaction."""
    said: list[Event] = []

    async def listen(_: Transaction, event: Event) -> None:
        said.append(event)

    for name in identity.__all__:
        kind = getattr(identity, name)
        if isinstance(kind, type) and issubclass(kind, Event):
            subscriptions.within(kind, listen)
    return said
