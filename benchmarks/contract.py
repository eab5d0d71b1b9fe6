"""What must hold before anything is measured: equal answers in shape and in what they say, equal effects."""

from collections.abc import Mapping
from typing import Any

import httpx

from benchmarks.load import Generator
from benchmarks.plans import Order, Plan
from benchmarks.stacks import FIRST_DAY, Stack, fetch

__all__ = ["ContractBroken", "check", "once"]

_OWN = {"id", "bookingNumber", "createdAt", "holdExpiresAt", "nextCursor", "at"}
"""Fields that may differ in value, never in kind."""
_AT_ONCE = 32
_COUNT = "SELECT count(*) FROM bookings WHERE listing_id = $1::uuid AND day = $2 AND slot = $3"


class ContractBroken(Exception):
    """A stack does not do what is being measured; the text says which, and what."""


def check(stacks: list[Stack], generator: Generator, celebrity: str) -> None:
    """Hold every stack against the contract, and all against the first; raises `ContractBroken`."""
    answers = [_answers(stack, celebrity) for stack in stacks]
    for stack, given in zip(stacks[1:], answers[1:], strict=True):
        for name, answer in given.items():
            if problem := _difference(answers[0][name], answer, name):
                raise ContractBroken(f"{stack.name} and {stacks[0].name} differ: {problem}")
    for stack in stacks:
        _never_twice(stack, generator, celebrity)


def _answers(stack: Stack, celebrity: str) -> dict[str, Any]:
    listed = _ask(stack, stack.lists(), 200)
    _hold(stack, len(listed["data"]["items"]) == 20, "the list does not have 20 rows")
    _hold(stack, listed["data"]["total"] > 20, "the list does not say how many there are")
    booking = stack.books_only(celebrity, "morning")
    placed = _ask(stack, booking, 201)
    refused = _ask(stack, booking, 409)
    _hold(stack, refused["error"]["code"] == "SLOT_UNAVAILABLE", "a taken slot is not SLOT_UNAVAILABLE")
    booking_id = placed["data"]["booking"]["id"]
    got = _ask(stack, stack.gets([{"id": booking_id, "token": stack.me.token}]), 200)
    _hold(stack, got["data"]["booking"]["id"] == booking_id, "another booking was got")
    _ask(stack, stack.gets([{"id": booking_id, "token": stack.other.token}]), 404)
    _ask(stack, stack.gets([{"id": booking_id, "token": "nobody's"}]), 401)
    return {"list": listed, "book": placed, "refusal": _without_words(refused), "get": got}


def _ask(stack: Stack, plan: Plan, status: int) -> Any:
    answer = once(stack, plan)
    _hold(stack, answer.status_code == status, f"{plan.method} {plan.path} answered {answer.status_code}, not {status}")
    return answer.json()


def once(stack: Stack, plan: Plan) -> httpx.Response:
    """The plan's first request, byte by byte as the load would send it."""
    head, _, body = plan.raw(0).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    method, path, _ = line.split(" ")
    given = dict(header.split(": ", 1) for header in headers)
    return httpx.request(method, stack.server.url + path, headers=given, content=body or None, timeout=30)


def _without_words(refused: dict[str, Any]) -> dict[str, Any]:
    """What the refusal says to machines; each stack has its own words for people."""
    return refused | {"error": refused["error"] | {"message": ""}}


def _never_twice(stack: Stack, generator: Generator, celebrity: str) -> None:
    """Everyone at once for the same slot: one gets it, the others hear so, and one row says so."""
    plan = stack.books_only(celebrity, "evening")
    order = Order(port=stack.server.port, plan=plan, connections=_AT_ONCE, seconds=30, requests=_AT_ONCE)
    outcome = generator.run(order)
    _hold(stack, outcome.statuses == {201: 1, 409: _AT_ONCE - 1}, f"{_AT_ONCE} for one slot: {outcome.statuses}")
    rows = fetch(stack.database_url, _COUNT, celebrity, FIRST_DAY, "evening")[0]
    _hold(stack, rows == 1, f"{rows} bookings of one slot")


def _hold(stack: Stack, fact: bool, otherwise: str) -> None:
    if not fact:
        raise ContractBroken(f"{stack.name}: {otherwise}")


def _difference(ours: Any, theirs: Any, where: str) -> str | None:
    """The first difference, or None."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        if ours.keys() != theirs.keys():
            return f"{where} has other fields: {sorted(ours.keys() ^ theirs.keys())}"
        return next((d for k in ours if (d := _difference(ours[k], theirs[k], f"{where}.{k}"))), None)
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{where} has {len(ours)} and {len(theirs)} elements"
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((d for i, (a, b) in pairs if (d := _difference(a, b, f"{where}[{i}]"))), None)
    same = _same_kind(ours, theirs) if where.rpartition(".")[2] in _OWN else _plain(ours) == _plain(theirs)
    return None if same else f"{where} is {ours!r} and {theirs!r}"


def _same_kind(ours: Any, theirs: Any) -> bool:
    return type(ours) is type(theirs)


def _plain(value: Any) -> Any:
    """Instants may be written to the second or to its thousandth."""
    return value.replace(".000Z", "Z") if isinstance(value, str) else value
