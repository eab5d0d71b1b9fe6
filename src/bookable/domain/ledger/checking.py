"""Proof that the books are whole: zero in sum, every sealed movement as it was, the chain unbroken."""

from datetime import timedelta

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from bookable.kernel.tenants import queries as tenants

from . import queries
from .records import Batch, Problem, Report, Sealed
from .sealing import GENESIS, digest, link

__all__ = ["check"]


async def check(db: Database, *, unsealed_after: timedelta = timedelta(minutes=10)) -> Report:
    """Read the whole ledger of every tenant. What has waited longer than `unsealed_after` for its seal is a problem."""
    report = Report()
    async with db.transaction(Actor.system(new_id())) as tx:
        everyone = await tx.all(tenants.every)
    for tenant in everyone:
        await _check_tenant(db, tenant, report, unsealed_after)
    return report


async def _check_tenant(db: Database, tenant: Tenant, report: Report, unsealed_after: timedelta) -> None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        for total in await tx.all(queries.totals):
            report.movements += total.movements
            report.totals[total.unit] = report.totals.get(total.unit, 0) + total.amount
            if total.amount:
                report.problems.append(Problem(tenant.slug, f"{total.unit} comes to {total.amount}, not zero"))
        late = await tx.all(queries.unsealed_since, age=unsealed_after)
        report.unsealed += len(late)
        report.problems += [Problem(tenant.slug, "not sealed", movement_id=one) for one in late]
    await _check_chain(db, tenant, report)


async def _check_chain(db: Database, tenant: Tenant, report: Report) -> None:
    """One batch a transaction: a check of years holds nothing open."""
    number, previous = 0, GENESIS
    while True:
        async with db.transaction(Actor.system(tenant.id)) as tx:
            batch = await tx.first(queries.batch_after, number=number)
            if batch is None:
                break
            report.problems += await _problems_of(tx, tenant.slug, batch, number, previous)
        report.batches += 1
        number, previous = batch.number, batch.hash
    if number:
        report.heads[tenant.slug] = f"{number}:{previous.hex()}"


async def _problems_of(tx: Transaction, slug: str, batch: Batch, number: int, previous: bytes) -> list[Problem]:
    places = await tx.all(queries.places, number=batch.number)
    found = [Problem(slug, wrong, place.movement_id, batch.number) for place in places if (wrong := _wrong(place))]
    if batch.number != number + 1:
        found.append(Problem(slug, f"batch {number + 1} is missing", batch=batch.number))
    elif batch.previous_hash != previous:
        found.append(Problem(slug, "does not follow from the batch before it", batch=batch.number))
    if len(places) != batch.movements:
        found.append(Problem(slug, f"has {len(places)} of its {batch.movements} movements", batch=batch.number))
    elif link(batch.previous_hash, batch.number, (p.digest for p in places)) != batch.hash:
        found.append(Problem(slug, "its hash is not that of its movements", batch=batch.number))
    return found


def _wrong(place: Sealed) -> str | None:
    movement = place.movement()
    if movement is None:
        return "the movement is gone"
    return None if digest(movement) == place.digest else "the movement was changed after it was sealed"
