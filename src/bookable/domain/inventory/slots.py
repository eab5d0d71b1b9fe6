"""The slots of a day: each has room for so many meetings, placed one after another in its real hours."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError
from bookable.kernel.ids import new_id

from .days import DayPart, Window, window
from .errors import BelowTaken, SlotTaken
from .queries import holders
from .queries import slots as queries
from .records import Availability, SlotRule, SlotState, Taken, Try

__all__ = ["LONGEST_SPAN", "availability", "move_in_slot", "set_rules", "take_in_slot"]

LONGEST_SPAN = 92
"""Days that one look at a calendar may span."""


async def take_in_slot(
    tx: Transaction, place: Window, length: timedelta, *, holder_id: UUID, until: datetime | None
) -> Taken:
    """The earliest free `length` inside the slot is `holder_id`'s until `until` (None: for good).

    Raises `SlotTaken` when the slot is closed, full or has no gap left that is long enough; lapsed holds count
    for nothing. One statement when nobody else is about; the slot's row stays locked until the transaction ends.
    """
    key = _key(place)
    new = {
        **key,
        "opens_at": place.opens_at,
        "closes_at": place.closes_at,
        "length": length,
        "id": new_id(),
        "holder_id": holder_id,
        "until": until,
    }
    tried = await tx.one(queries.take, **new, time_zone=place.time_zone)
    if tried.id is None:
        tried = await _again(tx, place, new, counted=tried.counted)
    return _taken(tried)


async def _again(tx: Transaction, place: Window, new: dict[str, Any], *, counted: bool) -> Try:
    """Under the slot's lock now: as it was left by those who were waited for, and, where that is not enough, once
    expired holds have given their places back."""
    if counted:
        tried = await tx.one(queries.place, **new)
        if tried.id is not None:
            return tried
    lapsed = await tx.run(queries.lapse, calendar_id=place.calendar_id, days=[place.day], slots=[place.part])
    if not counted and not lapsed:
        raise SlotTaken
    tried = (
        await tx.one(queries.place, **new) if counted else await tx.one(queries.take, **new, time_zone=place.time_zone)
    )
    if tried.id is None and tried.counted:
        await tx.run(queries.give_back, **_key(place))
    return tried


def _key(place: Window) -> dict[str, Any]:
    return {"calendar_id": place.calendar_id, "day": place.day, "slot": place.part}


def _taken(tried: Try) -> Taken:
    if tried.id is None or tried.starts_at is None or tried.ends_at is None:
        raise SlotTaken
    return Taken(tried.id, tried.starts_at, tried.ends_at)


async def move_in_slot(
    tx: Transaction, place: Window, length: timedelta, *, holder_id: UUID, until: datetime | None
) -> Taken:
    """The one time that `holder_id` has becomes one in `place`; when that raises `SlotTaken` they keep theirs.

    Both slots are locked in order first, so two who want to swap wait for each other one way only.
    """
    await tx.run(queries.keep_both, **_key(place), holder_id=holder_id, time_zone=place.time_zone)
    async with tx.savepoint():
        await tx.run(holders.vacate, holder_id=holder_id)
        return await take_in_slot(tx, place, length, holder_id=holder_id, until=until)


async def set_rules(tx: Transaction, calendar_id: UUID, time_zone: str, rules: Sequence[SlotRule]) -> None:
    """What the owner says holds from now on, all of it or nothing.

    A slot that closes keeps what is booked in it. Raises `BelowTaken`, with the figures, where a maximum is
    below what is taken, and `ValidationFailed` where a slot is named twice.
    """
    left = {(r.day, r.part): r for r in rules}
    if len(left) < len(rules):
        raise FieldError("items", "A slot is named more than once.")
    asked: dict[str, Any] = {"calendar_id": calendar_id, **_columns(rules)}
    written = await tx.run(queries.write_rules, **asked, time_zone=time_zone)
    if written < len(rules):
        await tx.run(queries.lapse, calendar_id=calendar_id, days=asked["days"], slots=asked["slots"])
        written = await tx.run(queries.write_rules, **asked, time_zone=time_zone)
    if written < len(rules):
        states = await tx.all(queries.below_taken, calendar_id=calendar_id, days=asked["days"], slots=asked["slots"])
        raise BelowTaken([_figures(s, left[s.day, s.slot]) for s in states if s.taken > left[s.day, s.slot].capacity])


def _columns(rules: Sequence[SlotRule]) -> dict[str, list[Any]]:
    return {
        "days": [r.day for r in rules],
        "slots": [r.part for r in rules],
        "opens": [r.is_open for r in rules],
        "capacities": [r.capacity for r in rules],
    }


def _figures(state: SlotState, rule: SlotRule) -> dict[str, Any]:
    return {
        "date": state.day.isoformat(),
        "timeSlot": state.slot,
        "maxBookings": rule.capacity,
        "booked": state.taken,
    }


async def availability(
    tx: Transaction, calendar_id: UUID, time_zone: str, parts: Sequence[DayPart], first: date, last: date
) -> list[Availability]:
    """Every part of every day from `first` to `last`, both included.

    A slot without a row is open with room for one. One that has begun, is closed or full has none remaining.
    Raises `ValidationFailed` when the span is backwards or longer than 92 days.
    """
    if last < first:
        raise FieldError("to", "This is before the first day.")
    if (last - first).days >= LONGEST_SPAN:
        raise FieldError("to", f"At most {LONGEST_SPAN} days can be seen at once.")
    rows = await tx.all(queries.states, calendar_id=calendar_id, first=first, last=last)
    known = {(s.day, s.slot): s for s in rows}
    now = tx.clock.now()
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [_seen(window(calendar_id, time_zone, d, p), known.get((d, p.name)), now) for d in days for p in parts]


def _seen(place: Window, state: SlotState | None, now: datetime) -> Availability:
    room = 1 if state is None else max(0, state.capacity - state.taken) if state.is_open else 0
    if place.opens_at <= now or place.closes_at <= place.opens_at:
        room = 0
    return Availability(place.day, place.part, room > 0, room)
