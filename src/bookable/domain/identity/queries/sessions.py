"""Opening, rotating and ending sessions."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.db import Record, app_now, command, query

from ..records import Session, User
from ..tables import sessions, users

GRACE = timedelta(seconds=10)
"""How long the token spent last may come back, while its successor is unused."""

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_user_id = sa.bindparam("user_id", type_=sa.Uuid)
_session_id = sa.bindparam("session_id", type_=sa.Uuid)
_reason = sa.bindparam("reason", type_=sa.Text)
_nobody = sa.literal(None, sa.Text)

_user = tuple(users.c[name] for name in User.__struct_fields__)
_session = tuple(sessions.c[name] for name in Session.__struct_fields__)
_users_sessions = sa.and_(
    sessions.c.tenant_id == _tenant, sessions.c.user_id == _user_id, sessions.c.ended_at.is_(None)
)
_this_session = sa.and_(sessions.c.tenant_id == _tenant, sessions.c.id == _session_id)

open_session = command(
    sa.insert(sessions).values(
        tenant_id=_tenant,
        id=_session_id,
        user_id=_user_id,
        token_hash=sa.bindparam("first_hash", type_=sa.LargeBinary),
        rotated_at=app_now(),
        created_at=app_now(),
        last_used_at=app_now(),
        expires_at=app_now() + sa.bindparam("lifetime", type_=sa.Interval),
        user_agent=sa.bindparam("agent", type_=sa.Text),
        address=sa.bindparam("from_address", type_=sa.Text),
    )
)

_presented = sa.bindparam("presented", type_=sa.LargeBinary)
_alive = sa.and_(sessions.c.ended_at.is_(None), sessions.c.expires_at > app_now())

rotate = query(
    # Of several with the same token one gets through; the others waited for its row and find another hash in it.
    sa.update(sessions)
    .where(
        _this_session,
        sessions.c.token_hash == _presented,
        _alive,
        users.c.tenant_id == sessions.c.tenant_id,
        users.c.id == sessions.c.user_id,
        users.c.suspended_at.is_(None),
        users.c.deleted_at.is_(None),
    )
    .values(
        generation=sessions.c.generation + 1,
        token_hash=sa.bindparam("next_hash", type_=sa.LargeBinary),
        previous_hash=sessions.c.token_hash,
        rotated_at=app_now(),
        last_used_at=app_now(),
    )
    .returning(*_user),
    User,
)


class Standing(Record, frozen=True):
    """Where a session is, seen from a token that is not its present one."""

    user_id: UUID
    generation: int
    alive: bool
    in_grace: bool


_since_rotation = app_now() - sessions.c.rotated_at

standing = query(
    sa.select(
        sessions.c.user_id,
        sessions.c.generation,
        _alive.label("alive"),
        sa.and_(
            sa.func.coalesce(sessions.c.previous_hash == _presented, sa.false()),
            # On both sides of now: the sandbox's clock may have gone back meanwhile.
            _since_rotation.between(sa.literal(-GRACE, sa.Interval), sa.literal(GRACE, sa.Interval)),
        ).label("in_grace"),
    ).where(_this_session),
    Standing,
)

_lasting = sa.and_(_users_sessions, sessions.c.expires_at > app_now())

users_sessions = query(
    sa.select(*_session)
    .where(_lasting, sessions.c.id < sa.bindparam("before", type_=sa.Uuid))
    .order_by(sessions.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.BigInteger))
    .offset(sa.bindparam("offset", type_=sa.BigInteger)),
    Session,
)

count_sessions = query(sa.select(sa.func.count()).select_from(sessions).where(_lasting), int)

every_session = query(
    sa.select(*_session)
    .where(sessions.c.tenant_id == _tenant, sessions.c.user_id == _user_id)
    .order_by(sessions.c.created_at),
    Session,
)

_end = {"ended_at": app_now(), "end_reason": _reason}

end_session = query(
    sa.update(sessions).where(_this_session, sessions.c.ended_at.is_(None)).values(_end).returning(sessions.c.user_id),
    UUID,
)

end_own_session = command(sa.update(sessions).where(_this_session, _users_sessions).values(_end))

end_sessions = command(sa.update(sessions).where(_users_sessions).values(_end))

forget_devices = command(
    sa.update(sessions)
    .where(sessions.c.tenant_id == _tenant, sessions.c.user_id == _user_id)
    .values(user_agent=_nobody, address=_nobody)
)


forget_sessions = command(
    sa.delete(sessions).where(
        sessions.c.tenant_id == _tenant,
        sa.func.least(sessions.c.expires_at, sessions.c.ended_at) < app_now() - sa.bindparam("keep", type_=sa.Interval),
    )
)
