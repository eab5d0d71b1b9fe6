"""The life of a booking, its frozen price, and the promo codes that lower one."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata, owned_by, public, reference, tenant_key

__all__ = ["bookings", "promo_codes"]

_instant = sa.DateTime(timezone=True)

bookings = sa.Table(
    "bookings",
    metadata,
    *tenant_key(),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("user_id", sa.Uuid),
    sa.Column("provider_id", sa.Uuid),
    sa.Column("listing_id", sa.Uuid),
    sa.Column("supplier", sa.Text),
    sa.Column("offer", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("slot", sa.Text),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("starts_at", _instant, nullable=False),
    sa.Column("ends_at", _instant, nullable=False),
    sa.Column("contact_name", sa.Text, nullable=False),
    sa.Column("contact_email", sa.Text, nullable=False),
    sa.Column("contact_key", sa.Text, nullable=False),
    sa.Column("contact_phone", sa.Text),
    sa.Column("special_requests", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("subtotal_cents", sa.Integer, nullable=False),
    sa.Column("platform_fee_cents", sa.Integer, nullable=False),
    sa.Column("discount_cents", sa.Integer, nullable=False),
    sa.Column("tax_cents", sa.Integer, nullable=False),
    sa.Column("total_cents", sa.Integer, nullable=False),
    sa.Column("deposit_cents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("promo_code_id", sa.Uuid),
    sa.Column("sequence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("guest_token_hash", sa.LargeBinary),
    sa.Column("hold_expires_at", _instant),
    sa.Column("timeline", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    sa.Column("confirmed_at", _instant),
    sa.Column("completed_at", _instant),
    sa.Column("cancelled_at", _instant),
    reference("user_id", "users"),
    reference("listing_id", "listings"),
    reference("promo_code_id", "promo_codes"),
    sa.UniqueConstraint("tenant_id", "number", name="uq_bookings_number"),
    sa.CheckConstraint(
        "subtotal_cents + platform_fee_cents - discount_cents + tax_cents = total_cents", name="lines_add_up"
    ),
    sa.CheckConstraint("total_cents >= 0 AND discount_cents >= 0", name="not_negative"),
    sa.CheckConstraint("starts_at < ends_at", name="during"),
    sa.CheckConstraint("(listing_id IS NULL) = (supplier IS NOT NULL)", name="of_one_source"),
    sa.Index("ix_bookings_owner_id", "tenant_id", "owner_id", "created_at", "id"),
    sa.Index("ix_bookings_provider_id", "tenant_id", "provider_id", "created_at", "id"),
    sa.Index("ix_bookings_listing_id", "tenant_id", "listing_id", "created_at", "id"),
    sa.Index("ix_bookings_created_at", "tenant_id", "created_at", "id"),
    sa.Index(
        "ix_bookings_contact_key",
        "tenant_id",
        "contact_key",
        postgresql_where=sa.text("user_id IS NULL"),
    ),
    sa.Index(
        "ix_bookings_hold_expires_at",
        "tenant_id",
        "hold_expires_at",
        postgresql_where=sa.text("status IN ('pending', 'payment_processing')"),
    ),
    sa.Index(
        "ix_bookings_ends_at",
        "tenant_id",
        "ends_at",
        postgresql_where=sa.text("status = 'confirmed' AND supplier IS NOT NULL"),
    ),
    info={"policy": owned_by("owner_id", "provider_id")},
)
"""`owner_id` is who may see it as customer: the user, or for a guest an id of its own. `contact_key` is what the
contact's address is compared by. What a calendar of ours holds has a `listing_id`; what somebody else holds for us
(a seat on a flight) has a `supplier` by name instead. `status` is what has been written down: a hold that is over
reads `expired`."""

promo_codes = sa.Table(
    "promo_codes",
    metadata,
    *tenant_key(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("percent_off", sa.Integer),
    sa.Column("amount_off_cents", sa.Integer),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("starts_at", _instant),
    sa.Column("ends_at", _instant),
    sa.Column("pool_id", sa.Uuid),
    sa.Column("listing_id", sa.Uuid),
    sa.Column("created_at", _instant, nullable=False),
    reference("pool_id", "pools"),
    reference("listing_id", "listings"),
    sa.UniqueConstraint("tenant_id", "code", name="uq_promo_codes_code"),
    sa.CheckConstraint("(percent_off IS NULL) <> (amount_off_cents IS NULL)", name="one_kind"),
    sa.CheckConstraint("percent_off BETWEEN 1 AND 100", name="percent"),
    sa.CheckConstraint("amount_off_cents > 0", name="amount"),
    info={"policy": public()},
)
