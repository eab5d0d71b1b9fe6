"""The sandbox's intents, the answers given under each key, and the webhooks on their way."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from bookable.kernel.db import Record, app_now, command, query

from ..tables import sandbox_answers as answers
from ..tables import sandbox_deliveries as deliveries
from ..tables import sandbox_intents as intents

__all__ = [
    "Answer",
    "Delivery",
    "add_delivery",
    "add_intent",
    "answer",
    "claim",
    "delivered",
    "delivery",
    "forget",
    "intent",
    "keep",
    "latest",
    "locked",
    "save",
]


class Answer(Record, frozen=True):
    """What was answered under a key, and to what question."""

    fingerprint: str
    answer: dict[str, Any]


class Delivery(Record, frozen=True):
    """A webhook and whose it is."""

    id: UUID
    tenant_id: UUID
    event_id: str
    body: bytes


def _bind(name: str, kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


_of_intent = intents.c.id == _bind("intent_id", sa.Text())

intent = query(sa.select(intents.c.state).where(_of_intent), dict)
locked = query(sa.select(intents.c.state).where(_of_intent).with_for_update(), dict)

add_intent = command(
    insert(intents).values(
        id=sa.bindparam("intent_id"),
        tenant_id=sa.bindparam("owner"),
        state=sa.bindparam("state"),
        created_at=app_now(),
        updated_at=app_now(),
    )
)

save = command(sa.update(intents).where(_of_intent).values(state=_bind("changed", JSONB()), updated_at=app_now()))

_key = sa.and_(answers.c.provider == "stripe", answers.c.key == _bind("used", sa.Text()))

# As at Stripe, a key is forgotten after a day.
forget = command(sa.delete(answers).where(_key, answers.c.created_at <= app_now() - sa.text("interval '24 hours'")))

# Whoever comes second with a key waits here for the first to be done.
claim = command(
    insert(answers)
    .values(
        provider="stripe",
        key=sa.bindparam("used"),
        fingerprint=sa.bindparam("fingerprint"),
        answer=sa.text("'{}'::jsonb"),
        created_at=app_now(),
    )
    .on_conflict_do_nothing()
)

keep = command(sa.update(answers).where(_key).values(answer=_bind("given", JSONB())))

answer = query(sa.select(answers.c.fingerprint, answers.c.answer).where(_key), Answer)

add_delivery = command(
    insert(deliveries).values(
        id=sa.bindparam("delivery_id"),
        tenant_id=sa.bindparam("owner"),
        event_id=sa.bindparam("event_id"),
        body=sa.bindparam("body"),
        created_at=app_now(),
    )
)

_delivery = (deliveries.c.id, deliveries.c.tenant_id, deliveries.c.event_id, deliveries.c.body)

delivery = query(sa.select(*_delivery).where(deliveries.c.id == _bind("delivery_id", sa.Uuid())), Delivery)

delivered = command(
    sa.update(deliveries).where(deliveries.c.id == _bind("delivery_id", sa.Uuid())).values(delivered_at=app_now())
)

# The sandbox is small; the newest event of a kind about an intent is found by its text.
latest = query(
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.tenant_id == _bind("owner", sa.Uuid()),
        sa.func.convert_from(deliveries.c.body, "UTF8", type_=sa.Text).contains(_bind("about", sa.Text())),
        sa.func.convert_from(deliveries.c.body, "UTF8", type_=sa.Text).contains(_bind("kind", sa.Text())),
    )
    .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    .limit(1),
    UUID,
)
