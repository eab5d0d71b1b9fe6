"""A whole server on a database of its own, as the process tests have it, with one storefront of each kind."""

from collections.abc import AsyncIterator, Callable

import pytest

from bookable.kernel.db import Database
from tests import make
from tests.processes.conftest import house, own_url, serving
from tests.processes.programs import Server

from .movies import Movies
from .starrymeet import StarryMeet
from .travel import Travel
from .worlds import World

__all__ = ["house", "own_url", "serving"]


@pytest.fixture
async def world(
    request: pytest.FixtureRequest, house: Database, own_url: str, serving: Callable[..., Server]
) -> AsyncIterator[World]:
    """A server of the kind that the test names, whose log must not tell of a fault."""
    kind: type[World] = request.param
    tenant = await make.tenant(house, kind=kind.kind)
    server = serving(jwt_expires_in="2h")
    server.start_and_wait()
    yield kind(own_url, server.address, tenant.slug)
    assert '"status": 500' not in server.log
    assert '"status":500' not in server.log


WORLDS = (StarryMeet, Travel, Movies)
