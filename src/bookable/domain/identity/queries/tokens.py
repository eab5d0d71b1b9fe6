"""The single-use tokens that mails carry."""

from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.db import Record, app_now, command, query

from ..tables import tokens, users

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_user_id = sa.bindparam("user_id", type_=sa.Uuid)

_purpose = sa.bindparam("purpose", type_=sa.Text)
_digest = sa.bindparam("digest", type_=sa.LargeBinary)
_this_token = sa.and_(tokens.c.tenant_id == _tenant, tokens.c.token_hash == _digest, tokens.c.purpose == _purpose)

_open_tokens = sa.and_(tokens.c.tenant_id == _tenant, tokens.c.user_id == _user_id, tokens.c.used_at.is_(None))

void_tokens = command(sa.update(tokens).where(_open_tokens, tokens.c.purpose == _purpose).values(used_at=app_now()))

void_every_token = command(sa.update(tokens).where(_open_tokens).values(used_at=app_now()))

add_token = command(
    sa.insert(tokens).values(
        tenant_id=_tenant,
        id=sa.bindparam("new_id", type_=sa.Uuid),
        user_id=_user_id,
        purpose=sa.bindparam("for_purpose", type_=sa.Text),
        token_hash=sa.bindparam("new_digest", type_=sa.LargeBinary),
        created_at=app_now(),
        expires_at=app_now() + sa.bindparam("lifetime", type_=sa.Interval),
    )
)


class Holder(Record, frozen=True):
    """Whose token it is, and whether it may still be used."""

    user_id: UUID
    email: str
    usable: bool


_holder = sa.and_(users.c.tenant_id == tokens.c.tenant_id, users.c.id == tokens.c.user_id)

account_behind = query(
    sa.select(users.c.email_key)
    .select_from(tokens.join(users, _holder))
    .where(tokens.c.tenant_id == _tenant, tokens.c.token_hash == _digest),
    str,
)

_unused = sa.and_(tokens.c.used_at.is_(None), tokens.c.expires_at > app_now())

token_holder = query(
    sa.select(tokens.c.user_id, users.c.email, _unused.label("usable")).join(users, _holder).where(_this_token),
    Holder,
)

use_token = query(
    sa.update(tokens).where(_this_token, _unused).values(used_at=app_now()).returning(tokens.c.user_id), UUID
)


forget_tokens = command(
    sa.delete(tokens).where(
        tokens.c.tenant_id == _tenant, tokens.c.expires_at < app_now() - sa.bindparam("keep", type_=sa.Interval)
    )
)
