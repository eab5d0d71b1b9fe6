"""What was sent in the sandbox, newest first."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from bookable.integrations.sandbox.tables import sandbox_mails as t
from bookable.kernel.db import Record, command, query

__all__ = ["Row", "add", "by_id", "forget", "newest", "newest_to"]


class Row(Record, frozen=True):
    """A mail as the sandbox keeps it; `message` is the whole of it, as it would go over the wire."""

    id: UUID
    storefront: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    message: bytes
    created_at: datetime


_columns = [c for c in t.c if c.name in Row.__struct_fields__]
_limit = sa.bindparam("limit", type_=sa.Integer)
_to = sa.func.lower(t.c.recipient) == sa.func.lower(sa.bindparam("to", type_=sa.Text))
_all = sa.select(*_columns).order_by(t.c.id.desc()).limit(_limit)

add = command(sa.insert(t).values({c.name: sa.bindparam(c.name) for c in _columns}).inline())
newest = query(_all, Row)
newest_to = query(_all.where(_to), Row)
by_id = query(sa.select(*_columns).where(t.c.id == sa.bindparam("id")), Row)
forget = command(sa.delete(t))
