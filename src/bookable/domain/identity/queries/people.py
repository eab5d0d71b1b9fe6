"""Reading and writing people themselves."""

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import Query, Record, app_now, command, query

from ..records import User
from ..tables import users

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_user_id = sa.bindparam("user_id", type_=sa.Uuid)
_email_key = sa.bindparam("email_key", type_=sa.Text)
_nobody = sa.literal(None, sa.Text)

_user = tuple(users.c[name] for name in User.__struct_fields__)
_this_user = sa.and_(users.c.tenant_id == _tenant, users.c.id == _user_id, users.c.deleted_at.is_(None))


def _given(*names: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(name, type_=users.c[name].type) for name in names}


add_user = query(
    # Of several at once the first has the address; the others are told so, not refused by a constraint.
    insert(users)
    .values(
        tenant_id=_tenant,
        **_given("id", "email", "email_key", "password_hash", "first_name", "last_name", "phone", "role"),
        email_verified_at=sa.case((sa.bindparam("verified", type_=sa.Boolean), app_now())),
        created_at=app_now(),
        updated_at=app_now(),
    )
    .on_conflict_do_nothing()
    .returning(*_user),
    User,
)

user_by_id = query(sa.select(*_user).where(_this_user), User)

users_by_ids = query(
    sa.select(*_user).where(
        users.c.tenant_id == _tenant, users.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))
    ),
    User,
)

lock_user = query(sa.select(*_user).where(_this_user).with_for_update(key_share=True), User)


class Secret(Record, frozen=True):
    """What a password is checked against."""

    id: UUID
    email: str
    password_hash: str | None


_secret = (users.c.id, users.c.email, users.c.password_hash)

secret_by_email = query(
    sa.select(*_secret).where(users.c.tenant_id == _tenant, users.c.email_key == _email_key),
    Secret,
)

secret_by_id = query(sa.select(*_secret).where(_this_user), Secret)

user_by_email = query(
    sa.select(*_user).where(
        users.c.tenant_id == _tenant,
        users.c.email_key == _email_key,
        users.c.deleted_at.is_(None),
    ),
    User,
)

_seen = sa.bindparam("seen_hash", type_=sa.Text)
_new_hash = sa.bindparam("new_hash", type_=sa.Text)

signed_in = query(
    # Takes the user's row, so that a suspension or a new password is either seen here or finds the session.
    sa.update(users)
    .where(_this_user, users.c.password_hash == _seen)
    .values(
        password_hash=_new_hash,
        last_login_at=sa.case((users.c.suspended_at.is_(None), app_now()), else_=users.c.last_login_at),
    )
    .returning(*_user),
    User,
)

change_password = query(
    sa.update(users)
    .where(_this_user, users.c.password_hash == _seen)
    .values(password_hash=_new_hash, token_version=users.c.token_version + 1, updated_at=app_now())
    .returning(*_user),
    User,
)

reset_password = query(
    # Whoever holds the token has read the mail: the address is proven as well.
    sa.update(users)
    .where(_this_user)
    .values(
        password_hash=_new_hash,
        token_version=users.c.token_version + 1,
        email_verified_at=sa.func.coalesce(users.c.email_verified_at, app_now()),
        updated_at=app_now(),
    )
    .returning(*_user),
    User,
)

mark_verified = query(
    sa.update(users).where(_this_user).values(email_verified_at=app_now(), updated_at=app_now()).returning(*_user),
    User,
)


@cache
def patch(names: frozenset[str]) -> Query[User]:
    """Change these columns of a profile, to the parameters `new_<column>`."""
    new = {name: sa.bindparam(f"new_{name}", type_=users.c[name].type) for name in sorted(names)}
    return query(sa.update(users).where(_this_user).values(**new, updated_at=app_now()).returning(*_user), User)


amend = query(
    sa.update(users)
    .where(_this_user)
    .values(
        role=sa.bindparam("new_role", type_=sa.Text),
        suspended_at=sa.case(
            (sa.bindparam("suspended", type_=sa.Boolean), sa.func.coalesce(users.c.suspended_at, app_now()))
        ),
        token_version=users.c.token_version + sa.bindparam("versions", type_=sa.Integer),
        updated_at=app_now(),
    )
    .returning(*_user),
    User,
)

promote = command(
    sa.update(users)
    .where(_this_user, users.c.role == sa.bindparam("old_role", type_=sa.Text))
    .values(role=sa.bindparam("new_role", type_=sa.Text), updated_at=app_now())
)

_gone = sa.literal("deleted-") + sa.cast(users.c.id, sa.Text) + sa.literal("@invalid")

anonymise = query(
    sa.update(users)
    .where(_this_user)
    .values(
        email=_gone,
        email_key=_gone,
        password_hash=_nobody,
        first_name="Deleted",
        last_name="user",
        phone=_nobody,
        avatar_url=_nobody,
        token_version=users.c.token_version + 1,
        email_verified_at=sa.null(),
        deleted_at=app_now(),
        updated_at=app_now(),
    )
    .returning(*_user),
    User,
)
