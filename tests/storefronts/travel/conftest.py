"""A Travel of its own for each test, held against its document on every answer."""

from collections.abc import AsyncIterator

import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import storefronts
from tests import make
from tests.storefronts.conformance import Conformance
from tests.storefronts.conftest import Server


@pytest.fixture
async def storefront(server: Server) -> AsyncIterator[Tenant]:
    """A Travel that only this test knows."""
    made = await make.tenant(server.house.db, kind="travel", fee_bps=0, tax_bps=0)
    await server.house.tenants.refresh(server.house.db)
    yield made
    await make.end(server.house.db, made)


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """What Travel's document says of its answers."""
    return Conformance(storefronts()["travel"])
