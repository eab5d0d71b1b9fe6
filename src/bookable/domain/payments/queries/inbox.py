"""The inbox of webhooks, and what they told of payees' accounts."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from bookable.kernel.db import app_now, command, query

from ..records import InboxRow
from ..tables import inbox, payout_accounts
from .rows import bind

_event = (inbox.c.event_id, inbox.c.type, inbox.c.event, inbox.c.handled_at)
_event_key = sa.and_(
    inbox.c.tenant_id == bind("tenant_id", sa.Uuid()),
    inbox.c.provider == bind("provider", sa.Text()),
    inbox.c.event_id == bind("event_id", sa.Text()),
)

store_event = command(
    insert(inbox)
    .values(
        tenant_id=bind("tenant_id"),
        provider=bind("provider"),
        event_id=bind("event_id"),
        type=bind("type"),
        intent_id=bind("intent_id"),
        event=bind("event", JSONB()),
        received_at=app_now(),
    )
    .on_conflict_do_nothing()
)

event = query(sa.select(*_event).where(_event_key), InboxRow)

handled = command(
    sa.update(inbox)
    .where(_event_key, inbox.c.handled_at.is_(None))
    .values(handled_at=app_now(), outcome=bind("outcome"))
)

unhandled = query(
    sa.select(inbox.c.event_id)
    .where(
        inbox.c.tenant_id == bind("tenant_id", sa.Uuid()),
        inbox.c.provider == bind("provider", sa.Text()),
        inbox.c.handled_at.is_(None),
        inbox.c.received_at < app_now() - bind("lease", sa.Interval()),
        inbox.c.received_at > app_now() - bind("at_most", sa.Interval()),
    )
    .order_by(inbox.c.received_at)
    .limit(100),
    str,
)

_told = insert(payout_accounts).values(
    tenant_id=bind("tenant_id"),
    provider=bind("provider"),
    account_id=bind("account_id"),
    payee=bind("payee"),
    charges_enabled=bind("charges_enabled"),
    payouts_enabled=bind("payouts_enabled"),
    told_at=bind("told_at"),
)

# Later news wins, in whatever order it comes.
tell_account = command(
    _told.on_conflict_do_update(
        index_elements=["tenant_id", "provider", "account_id"],
        set_={
            "payee": sa.func.coalesce(_told.excluded.payee, payout_accounts.c.payee),
            "charges_enabled": _told.excluded.charges_enabled,
            "payouts_enabled": _told.excluded.payouts_enabled,
            "told_at": _told.excluded.told_at,
        },
        where=payout_accounts.c.told_at <= _told.excluded.told_at,
    )
)

payee_of = query(
    sa.select(payout_accounts.c.payee).where(
        payout_accounts.c.tenant_id == bind("tenant_id", sa.Uuid()),
        payout_accounts.c.provider == bind("provider", sa.Text()),
        payout_accounts.c.account_id == bind("account_id", sa.Text()),
    ),
    str,
)
