"""Sealing everything anew: after `keys rotate`, nothing is left under an older key."""

import bookable.schema  # noqa: F401 - every table must be known
from bookable.kernel.actors import Actor
from bookable.kernel.db.sealed import Resealed, reseal
from bookable.wiring import House

__all__ = ["rotate"]


async def rotate(house: House) -> Resealed:
    """Answers what was sealed anew, and what no key of ours opens. Safe to repeat and to interrupt."""
    so_far = Resealed()
    for tenant in house.tenants.all:
        await reseal(house.db, Actor.system(tenant.id), house.ports.sealer, so_far)
    return so_far
