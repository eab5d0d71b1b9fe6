"""What admins see of the whole: its people, and its figures by day."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookable.domain import bookings, identity, payments
from bookable.storefronts.kit import Body, Call, Paging, Params, Router, Shape

from .people import UserShape, shape

__all__ = ["router"]

router = Router("Admin")
_ADMIN = ("admin",)


class Role(StrEnum):
    """What somebody is here."""

    USER = "user"
    CELEBRITY = "celebrity"
    ADMIN = "admin"


class ListUsers(Paging):
    search: Annotated[str | None, Field(max_length=200)] = None


class ChangeUser(Body):
    role: Annotated[Role | None, Field(strict=False)] = None
    suspended: bool | None = None


class ShowStats(Params):
    days: Annotated[int, Field(ge=1, le=366)] = 30


class AdminUserShape(UserShape):
    suspended: bool


class AdminUserData(Shape):
    user: AdminUserShape


class AdminUsersData(Shape):
    items: list[AdminUserShape]
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


class DayShape(Shape):
    date: date
    bookings: int = 0
    confirmed: int = 0
    cancelled: int = 0
    users: int = 0
    gross_cents: int = 0
    fee_cents: int = 0
    tax_cents: int = 0
    refunded_cents: int = 0


class TotalsShape(Shape):
    bookings: int
    confirmed: int
    cancelled: int
    users: int
    gross_cents: int
    fee_cents: int
    tax_cents: int
    refunded_cents: int


class StatsShape(Shape):
    currency: str
    users_in_all: int
    totals: TotalsShape
    by_day: list[DayShape]


class StatsData(Shape):
    stats: StatsShape


@router.get("/admin/users", AdminUsersData, roles=_ADMIN)
async def list_users(call: Call, query: ListUsers) -> AdminUsersData:
    """Everyone, newest first; `search` looks in names and addresses."""
    found = await identity.list_users(
        call.tx, search=query.search, page=query.page, limit=query.limit, cursor=query.cursor
    )
    return AdminUsersData(
        items=[_admin_shape(user) for user in found.items],
        page=query.page,
        limit=query.limit,
        total=found.total,
        total_pages=-(-found.total // query.limit),
        next_cursor=found.next_cursor,
    )


@router.patch("/admin/users/{user_id}", AdminUserData, roles=_ADMIN, phases=True, errors=(409,))
async def change_user(call: Call, user_id: UUID, body: ChangeUser) -> AdminUserData:
    """Give somebody a role, suspend them, or let them back in; it holds at once, everywhere."""
    role = body.role.value if body.role else None
    user = await identity.amend(
        call.db, call.ports.credentials, call.actor, user_id, role=role, suspended=body.suspended
    )
    return AdminUserData(user=_admin_shape(user))


@router.get("/admin/stats", StatsData, roles=_ADMIN)
async def stats(call: Call, query: ShowStats) -> StatsData:
    """Bookings, money and people of the last `days` days (UTC, today included), in the tenant's currency."""
    today = call.ports.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - timedelta(days=query.days - 1), today + timedelta(days=1)
    currency = call.tenant.currency
    by_day = _by_day(
        [(since + timedelta(days=n)).date() for n in range(query.days)],
        [d for d in await bookings.stats_by_day(call.tx, query.days) if d.currency == currency],
        [d for d in await payments.revenue(call.tx, since=since, until=until) if d.currency == currency],
        await identity.counts_by_day(call.tx, since=since),
    )
    everyone = await identity.count_users(call.tx)
    return StatsData(stats=StatsShape(currency=currency, users_in_all=everyone, totals=_totals(by_day), by_day=by_day))


def _by_day(
    dates: list[date],
    booked: list[bookings.DayFigures],
    paid: list[payments.Day],
    joined: list[identity.DayCount],
) -> list[DayShape]:
    """Every day has its line, also one on which nothing happened."""
    days = {day: DayShape(date=day) for day in dates}
    for b in booked:
        line = days[b.day]
        line.bookings, line.confirmed, line.cancelled = b.placed, b.confirmed, b.cancelled
    for p in paid:
        line = days[p.day]
        line.gross_cents, line.fee_cents, line.tax_cents = p.gross_cents, p.fee_cents, p.tax_cents
        line.refunded_cents = p.refunded_cents
    for j in joined:
        days[j.day].users = j.count
    return list(days.values())


def _totals(days: list[DayShape]) -> TotalsShape:
    return TotalsShape(**{name: sum(getattr(d, name) for d in days) for name in TotalsShape.__struct_fields__})


def _admin_shape(user: identity.User) -> AdminUserShape:
    seen = shape(user)
    return AdminUserShape(
        **{name: getattr(seen, name) for name in UserShape.__struct_fields__}, suspended=user.suspended_at is not None
    )
