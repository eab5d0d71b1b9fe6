"""Writing down what is told, finding what is to be sent, and what somebody has to read."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bookable.kernel.db import Record, app_now, command, query
from bookable.kernel.tenants.tables import tenants

from .records import Channel, Notice, Pending
from .tables import notifications as t

__all__ = [
    "Storefront",
    "add_once",
    "blank",
    "everything_of",
    "forget",
    "forget_guest",
    "in_app_of",
    "mark_all_read",
    "mark_read",
    "pending",
    "refused",
    "seal",
    "sent",
    "storefront",
    "unread",
]


class Storefront(Record, frozen=True):
    """The name that letters come under."""

    name: str
    slug: str


_tenant = t.c.tenant_id == sa.bindparam("tenant_id")
_this = sa.and_(_tenant, t.c.id == sa.bindparam("notification_id"))
_mine = sa.and_(_tenant, t.c.user_id == sa.bindparam("user_id"), t.c.channel == Channel.IN_APP.value)
_undecided = sa.and_(t.c.sent_at.is_(None), t.c.failed_at.is_(None))
_WRITTEN = (
    *("tenant_id", "id", "user_id", "channel", "kind", "subject_id"),
    *("address", "dedupe_key", "title", "data"),
)

# Whoever comes second finds the first one's row, and tells nothing.
add_once = query(
    insert(t)
    .values({**{name: sa.bindparam(name, type_=t.c[name].type) for name in _WRITTEN}, "created_at": app_now()})
    .on_conflict_do_nothing()
    .returning(t.c.id),
    UUID,
)

pending = query(
    sa.select(*(t.c[name] for name in Pending.__struct_fields__))
    .where(_this, _undecided, t.c.channel == Channel.MAIL.value)
    .with_for_update(),
    Pending,
)
seal = command(sa.update(t).where(_this).values(sealed=sa.bindparam("sealed_secret", type_=sa.LargeBinary)))
sent = command(sa.update(t).where(_this, _undecided).values(sent_at=app_now(), sealed=None))
refused = command(
    sa.update(t)
    .where(_this, _undecided)
    .values(failed_at=app_now(), failure=sa.bindparam("why", type_=sa.Text), sealed=None)
)
storefront = query(
    sa.select(tenants.c.name, tenants.c.slug).where(tenants.c.id == sa.bindparam("tenant_id")), Storefront
)

# Served by ix_notifications_user_id, backwards; the pair of the last row seen is where the next page begins.
in_app_of = query(
    sa.select(*(t.c[name] for name in Notice.__struct_fields__))
    .where(
        _mine,
        sa.or_(sa.not_(sa.bindparam("unread_only", type_=sa.Boolean)), t.c.read_at.is_(None)),
        sa.or_(
            sa.bindparam("before", type_=sa.DateTime(timezone=True)).is_(None),
            sa.tuple_(t.c.created_at, t.c.id)
            < sa.tuple_(
                sa.bindparam("before", type_=sa.DateTime(timezone=True)), sa.bindparam("before_id", type_=sa.Uuid)
            ),
        ),
    )
    .order_by(t.c.created_at.desc(), t.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer)),
    Notice,
)
unread = query(sa.select(sa.func.count()).where(_mine, t.c.read_at.is_(None)), int)
mark_read = command(sa.update(t).where(_mine, _this).values(read_at=sa.func.coalesce(t.c.read_at, app_now())))
mark_all_read = command(sa.update(t).where(_mine, t.c.read_at.is_(None)).values(read_at=app_now()))
everything_of = query(
    sa.select(*(t.c[name] for name in Notice.__struct_fields__))
    .where(_tenant, t.c.user_id == sa.bindparam("user_id"))
    .order_by(t.c.created_at, t.c.id),
    Notice,
)

_about_them = sa.and_(_tenant, t.c.subject_id == sa.any_(sa.bindparam("booking_ids", type_=ARRAY(sa.Uuid))))
forget_guest = command(sa.delete(t).where(_about_them, t.c.user_id.is_(None), t.c.kind.not_like("provider_%")))
"""What was mailed to somebody about their bookings before they had an account."""
blank = command(
    sa.update(t)
    .where(_about_them)
    .values(
        data=t.c.data.op("||")(sa.text("""'{"contact_name": "", "contact_email": "", "special_requests": null}'"""))
    )
)
"""What others were told of somebody's bookings names them no more."""
forget = command(sa.delete(t).where(_tenant, t.c.user_id == sa.bindparam("user_id")))
