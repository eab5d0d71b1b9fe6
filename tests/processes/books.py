"""What is so, when nothing happens any more: read from the tables by their owner, and recounted."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tests.processes.customers import Story

__all__ = ["Books"]

_OVERLAPS = """
SELECT count(*) AS n FROM allocations a JOIN allocations b
    ON a.tenant_id = b.tenant_id AND a.calendar_id = b.calendar_id AND a.id < b.id AND a.during && b.during
WHERE a.holds AND b.holds
"""
_BOOKINGS = """
SELECT b.id, b.number, b.status, b.total_cents, b.contact_email, p.status AS payment, p.captured_cents,
       p.refunded_cents, p.refunding_cents, p.intent_id, p.working_until,
       (SELECT count(*) FROM allocations a WHERE a.holder_id = b.id AND a.holds) AS held
FROM bookings b LEFT JOIN payments p ON p.subject_id = b.id AND p.tenant_id = b.tenant_id
"""
_INTENTS = """
SELECT id, state->'metadata'->>'subject_id' AS subject_id, state->>'state' AS state,
       coalesce((state->'charge'->>'captured')::int, 0) AS captured,
       (SELECT coalesce(sum((r->>'amount')::int), 0) FROM jsonb_array_elements(state->'refunds') r) AS refunded
FROM sandbox_intents
"""
_MAILS = """
SELECT m.recipient, n.kind, count(*) AS sent, count(DISTINCT m.headers->>'Message-ID') AS letters
FROM sandbox_mails m JOIN notifications n ON m.headers->>'Message-ID' LIKE '<' || n.id || '@%'
GROUP BY 1, 2
"""
_UNSETTLED = """
SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'
            OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now() + interval '30 s')) AS jobs,
       (SELECT count(*) FROM payments WHERE working_until IS NOT NULL OR status = 'processing') AS payments,
       (SELECT count(*) FROM refunds WHERE status = 'pending') AS refunds,
       (SELECT count(*) FROM gateway_inbox WHERE handled_at IS NULL) AS webhooks,
       (SELECT count(*) FROM notifications WHERE channel = 'mail' AND sent_at IS NULL AND failed_at IS NULL) AS mails
"""

_FAILED = "SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'"


@dataclass
class Books:
    """The tables of one database."""

    url: str

    def rows(self, text: str, *args: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, row_factory=dict_row) as owner:
            return owner.execute(text, args or None).fetchall()

    def unsettled(self) -> dict[str, int]:
        """What is still to be done, by kind; empty when everything has come to its end."""
        return {name: n for name, n in self.rows(_UNSETTLED)[0].items() if n}

    def failed_jobs(self) -> list[str]:
        """Jobs that nobody will try again."""
        return [r["task_name"] for r in self.rows(_FAILED)]

    def overlaps(self) -> int:
        """Pairs of meetings with one celebrity at one time, recounted without the constraint's help."""
        return int(self.rows(_OVERLAPS)[0]["n"])

    def bookings(self) -> dict[UUID, dict[str, Any]]:
        return {row["id"]: row for row in self.rows(_BOOKINGS)}

    def intents(self) -> dict[UUID, list[dict[str, Any]]]:
        """The provider's own intents, by what they are for."""
        found: dict[UUID, list[dict[str, Any]]] = {}
        for row in self.rows(_INTENTS):
            found.setdefault(UUID(row["subject_id"]), []).append(row)
        return found

    def mails(self, kind: str) -> dict[str, tuple[int, int]]:
        """By recipient: how many mails of this kind came, and how many are left when a mailbox drops duplicates."""
        return {r["recipient"]: (r["sent"], r["letters"]) for r in self.rows(_MAILS) if r["kind"] == kind}

    def must_be_paid_once(self) -> None:
        """What the provider took for each booking is what our payment says, and what became of the booking."""
        intents = self.intents()
        for booking_id, row in self.bookings().items():
            _paid_once(row, intents.get(booking_id, []))

    def must_agree_with(self, stories: list[Story]) -> Counter[str]:
        """Everything that customers were told is so, and nothing else happened; answers how the bookings ended."""
        bookings, intents = self.bookings(), self.intents()
        assert len({s.booking_id for s in stories}) == len(stories)
        assert len({s.number for s in stories}) == len(stories)
        assert bookings.keys() == {s.booking_id for s in stories}, "a booking that nobody was told of, or none at all"
        confirmed = self.mails("booking_confirmed")
        for story in stories:
            row = bookings[story.booking_id]
            assert (row["number"], row["total_cents"]) == (story.number, story.total_cents)
            _as_told(story, row)
            _paid_once(row, intents.get(story.booking_id, []))
            if row["status"] == "confirmed":
                sent, letters = confirmed.get(story.email, (0, 0))
                assert (sent >= 1, letters) == (True, 1), f"{story}: {sent} mails, {letters} letters"
        assert self.overlaps() == 0
        assert self.failed_jobs() == []
        return Counter(row["status"] for row in bookings.values())


def _as_told(story: Story, row: dict[str, Any]) -> None:
    wanted = "cancelled" if story.cancelled else "confirmed" if story.payment in ("succeeded", "processing") else None
    assert wanted is None or row["status"] == wanted, f"{story} is {row}"
    assert row["held"] == (row["status"] in ("pending", "payment_processing", "confirmed")), f"{story} holds {row}"
    if story.refund_cents:
        assert row["refunded_cents"] >= story.refund_cents, f"{story} is {row}"


def _paid_once(row: dict[str, Any], intents: list[dict[str, Any]]) -> None:
    """What the provider took and gave back is what our payment says, and one intent alone took it."""
    captured = [i for i in intents if i["captured"]]
    assert len(captured) <= 1, f"charged twice: {intents}"
    if row["status"] == "confirmed":
        assert [i["captured"] - i["refunded"] for i in captured] == [row["total_cents"]], f"{row}: {intents}"
    if row["status"] == "cancelled" and captured:
        assert captured[0]["captured"] == captured[0]["refunded"], f"paid for nothing: {row} {intents}"
    if captured:
        ours = (row["intent_id"], row["captured_cents"], row["refunded_cents"])
        assert ours == (captured[0]["id"], captured[0]["captured"], captured[0]["refunded"]), f"{row}: {intents}"
