"""Bookings that are there before any is got."""

from benchmarks.bench import Bench
from benchmarks.plans import Order
from benchmarks.stacks import Stack, fetch

__all__ = ["booked"]

_THEIRS = "SELECT id || ' ' || user_id FROM bookings WHERE user_id = ANY($1::uuid[]) ORDER BY created_at, id LIMIT $2"


def booked(bench: Bench, stack: Stack, count: int) -> list[dict[str, str]]:
    """So many bookings, as `Stack.gets` takes them; they are the first of the stack's plan, booked where missing."""
    tokens = {person.id: person.token for person in stack.people}
    rows = fetch(stack.database_url, _THEIRS, list(tokens), count)
    if len(rows) < count:
        bench.generator.run(Order(port=stack.server.port, plan=stack.books(), seconds=60, requests=count))
        rows = fetch(stack.database_url, _THEIRS, list(tokens), count)
    pairs = [row.split(" ") for row in rows]
    return [{"id": booking_id, "token": tokens[user_id]} for booking_id, user_id in pairs]
