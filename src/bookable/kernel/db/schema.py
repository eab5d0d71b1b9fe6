"""How tables are made here: keys begin with the tenant, and private rows stand behind row-level security."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

__all__ = ["Policy", "metadata", "owned_by", "policies", "private", "public", "reference", "tenant_key"]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_TENANT = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
_WIDE = "current_setting('app.scope', true) = 'tenant'"
_ME = "nullif(current_setting('app.user_id', true), '')::uuid"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may see and write a table's rows, as the SQL conditions of its policies."""

    using: str
    check: str


def tenant_key() -> list[sa.Column[Any]]:
    """`tenant_id, id`: the primary key of every tenant-owned table."""
    return [
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
    ]


def reference(column: str, table: str, *, name: str | None = None) -> sa.ForeignKeyConstraint:
    """A foreign key that carries the tenant, so that no reference can cross one."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], name=name or f"fk_{column}_{table}"
    )


def owned_by(*columns: str) -> Policy:
    """Rows of whoever is named in one of the columns; the house sees its whole tenant."""
    mine = " OR ".join([_WIDE, *(f"{c} = {_ME}" for c in columns)])
    condition = f"{_TENANT} AND ({mine})"
    return Policy(condition, condition)


def private(*, writable: bool = True) -> Policy:
    """Rows that only the house reads; anyone acting in the tenant may add to them when `writable`."""
    return Policy(f"{_TENANT} AND {_WIDE}", _TENANT if writable else f"{_TENANT} AND {_WIDE}")


def public() -> Policy:
    """Rows that everyone in the tenant may see; never another tenant's."""
    return Policy(_TENANT, _TENANT)


def policies(table: sa.Table) -> Sequence[str]:
    """The SQL that puts a table behind its policy, for the migration and for the test that compares."""
    policy: Policy | None = table.info.get("policy")
    if policy is None:
        return []
    t = table.name
    return [
        f"ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",
        *([f"ALTER TABLE {t} FORCE ROW LEVEL SECURITY"] if table.info.get("forced", True) else []),
        f"CREATE POLICY {t}_read ON {t} FOR SELECT USING ({policy.using})",
        f"CREATE POLICY {t}_insert ON {t} FOR INSERT WITH CHECK ({policy.check})",
        f"CREATE POLICY {t}_update ON {t} FOR UPDATE USING ({policy.using}) WITH CHECK ({policy.check})",
        f"CREATE POLICY {t}_delete ON {t} FOR DELETE USING ({policy.using})",
    ]
