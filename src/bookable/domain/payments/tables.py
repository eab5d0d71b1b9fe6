"""What was paid for what, what went back, and every webhook a provider sent us."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata, owned_by, private, reference, tenant_key

__all__ = ["inbox", "payments", "payout_accounts", "refunds"]

_instant = sa.DateTime(timezone=True)

payments = sa.Table(
    "payments",
    metadata,
    *tenant_key(),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("payee", sa.Text, nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.Column("fee_cents", sa.Integer, nullable=False),
    sa.Column("tax_cents", sa.Integer, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("manual_capture", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("provider", sa.Text),
    sa.Column("intent_id", sa.Text),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("working_until", _instant),
    sa.Column("checked_at", _instant),
    sa.Column("captured_cents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refunded_cents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refunding_cents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disputed_cents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("method_type", sa.Text),
    sa.Column("card_brand", sa.Text),
    sa.Column("last4", sa.Text),
    sa.Column("failure_code", sa.Text),
    sa.Column("disputed_at", _instant),
    sa.Column("paid_at", _instant),
    sa.Column("refunded_at", _instant),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    sa.UniqueConstraint("tenant_id", "provider", "intent_id", name="uq_payments_intent_id"),
    sa.Index(
        "uq_payments_subject_id_purpose",
        "tenant_id",
        "subject_id",
        "purpose",
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    ),
    sa.Index("ix_payments_owner_id", "tenant_id", "owner_id", "id"),
    sa.Index("ix_payments_paid_at", "tenant_id", "paid_at"),
    sa.Index(
        "ix_payments_unsettled",
        "tenant_id",
        "checked_at",
        postgresql_where=sa.text("status IN ('pending', 'processing', 'authorized', 'failed')"),
    ),
    sa.Index("ix_payments_working_until", "working_until", postgresql_where=sa.text("working_until IS NOT NULL")),
    sa.CheckConstraint("amount_cents > 0 AND captured_cents BETWEEN 0 AND amount_cents", name="captured"),
    sa.CheckConstraint(
        "refunded_cents >= 0 AND refunding_cents >= 0 AND refunded_cents + refunding_cents <= captured_cents",
        name="not_overrefunded",
    ),
    info={"policy": owned_by("owner_id")},
)
"""`working_until` is set while the provider is being asked; past it, the completer finds out what happened.
`version` counts the changes of the row: what was seen at the provider before the last of them may be old news."""

refunds = sa.Table(
    "refunds",
    metadata,
    *tenant_key(),
    sa.Column("payment_id", sa.Uuid, nullable=False),
    sa.Column("amount_cents", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("provider_refund_id", sa.Text),
    sa.Column("requested_by", sa.Uuid),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_at", _instant),
    sa.Column("failure_code", sa.Text),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("settled_at", _instant),
    reference("payment_id", "payments"),
    sa.CheckConstraint("amount_cents > 0", name="amount"),
    sa.UniqueConstraint("tenant_id", "provider_refund_id", name="uq_refunds_provider_refund_id"),
    sa.Index("ix_refunds_payment_id", "tenant_id", "payment_id"),
    sa.Index("ix_refunds_pending", "tenant_id", "sent_at", postgresql_where=sa.text("status = 'pending'")),
    sa.Index("ix_refunds_settled_at", "tenant_id", "settled_at"),
    info={"policy": private()},
)

inbox = sa.Table(
    "gateway_inbox",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("intent_id", sa.Text),
    sa.Column("event", JSONB, nullable=False),
    sa.Column("received_at", _instant, nullable=False),
    sa.Column("handled_at", _instant),
    sa.Column("outcome", sa.Text),
    sa.Index("ix_gateway_inbox_unhandled", "tenant_id", "received_at", postgresql_where=sa.text("handled_at IS NULL")),
    info={"policy": private(writable=False)},
)
"""`event` is the `GatewayEvent` as it was understood, with the provider's own words inside."""

payout_accounts = sa.Table(
    "payout_accounts",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("payee", sa.Text),
    sa.Column("charges_enabled", sa.Boolean, nullable=False),
    sa.Column("payouts_enabled", sa.Boolean, nullable=False),
    sa.Column("told_at", _instant, nullable=False),
    info={"policy": private(writable=False)},
)
"""Where a payee's money is sent, and whether the provider lets it: as last told, by the provider's own clock."""
