"""Movements of money and points between accounts: never changed, always zero in sum, sealed in a hash chain."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bookable.kernel.db import metadata, private, tenant_key

__all__ = ["ledger_batches", "ledger_movements", "ledger_sealed"]

_instant = sa.DateTime(timezone=True)

ledger_movements = sa.Table(
    "ledger_movements",
    metadata,
    *tenant_key(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("accounts", ARRAY(sa.Text), nullable=False),
    sa.Column("amounts", ARRAY(sa.BigInteger), nullable=False),
    sa.Column("memo", JSONB, nullable=False, server_default="{}"),
    sa.Column("moved_at", _instant, nullable=False),
    sa.UniqueConstraint("tenant_id", "source", name="uq_ledger_movements_source"),
    sa.CheckConstraint("cardinality(accounts) = cardinality(amounts) AND cardinality(accounts) >= 2", name="paired"),
    sa.CheckConstraint("ledger_sum(amounts) = 0", name="balanced"),
    sa.Index("ix_ledger_movements_accounts", "accounts", postgresql_using="gin"),
    sa.Index("ix_ledger_movements_subject_id", "tenant_id", "subject_id"),
    info={"policy": private(), "immutable": True},
)

ledger_batches = sa.Table(
    "ledger_batches",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("movements", sa.Integer, nullable=False),
    sa.Column("sealed_at", _instant, nullable=False),
    info={"policy": private(writable=False), "immutable": True},
)

ledger_sealed = sa.Table(
    "ledger_sealed",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("movement_id", sa.Uuid, primary_key=True),
    sa.Column("batch", sa.BigInteger, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant_id", "movement_id"],
        ["ledger_movements.tenant_id", "ledger_movements.id"],
        name="fk_ledger_sealed_movement",
    ),
    sa.ForeignKeyConstraint(
        ["tenant_id", "batch"], ["ledger_batches.tenant_id", "ledger_batches.number"], name="fk_ledger_sealed_batch"
    ),
    sa.UniqueConstraint("tenant_id", "batch", "position", name="uq_ledger_sealed_position"),
    info={"policy": private(writable=False), "immutable": True},
)
