"""What people say of themselves, and all that is held on them, for them to see."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec

from bookable.kernel.db import Transaction
from bookable.kernel.errors import Forbidden, NotFound

from . import emails
from .queries import people
from .queries import sessions as queries
from .records import User

__all__ = ["change_profile", "export", "find_by_email", "get", "get_many"]

_ONES_OWN = frozenset({"first_name", "last_name", "phone", "avatar_url"})
_SHOWN = {
    "id": "id",
    "email": "email",
    "first_name": "firstName",
    "last_name": "lastName",
    "phone": "phone",
    "avatar_url": "avatarUrl",
    "role": "role",
    "email_verified_at": "emailVerifiedAt",
    "suspended_at": "suspendedAt",
    "created_at": "createdAt",
    "last_login_at": "lastLogin",
    "user_agent": "userAgent",
    "address": "address",
    "last_used_at": "lastUsedAt",
    "expires_at": "expiresAt",
}


async def get(tx: Transaction, user_id: UUID) -> User:
    """The user; `NotFound` if there is none, or no longer, or if the actor may not see them."""
    return await tx.one(people.user_by_id, or_raise=NotFound, user_id=user_id)


async def get_many(tx: Transaction, user_ids: Collection[UUID]) -> dict[UUID, User]:
    """Those of the users that there are (anonymised ones too) and that the actor may see, by id."""
    return {user.id: user for user in await tx.all(people.users_by_ids, ids=list(user_ids))}


async def find_by_email(tx: Transaction, email: str) -> User | None:
    """Whoever has this address, in whatever spelling, among those the actor may see."""
    return await tx.first(people.user_by_email, email_key=emails.comparable(email))


async def change_profile(tx: Transaction, user_id: UUID, changes: Mapping[str, str | None]) -> User:
    """Change `first_name`, `last_name`, `phone`, `avatar_url`; raises `Forbidden` for any other field."""
    if not changes.keys() <= _ONES_OWN:
        raise Forbidden("Only names, phone and avatar can be changed here.")
    if not changes:
        return await get(tx, user_id)
    new: dict[str, Any] = {f"new_{name}": value for name, value in changes.items()}
    return await tx.one(people.patch(frozenset(changes)), user_id=user_id, **new)


async def export(tx: Transaction, user_id: UUID) -> dict[str, Any]:
    """This module's part of everything held on the person: profile and sessions, ready for JSON."""
    return {
        "profile": _shown(await get(tx, user_id)),
        "sessions": [_shown(session) for session in await tx.all(queries.every_session, user_id=user_id)],
    }


def _shown(record: msgspec.Struct) -> dict[str, Any]:
    held = msgspec.structs.asdict(record)
    return {shown: held[name] for name, shown in _SHOWN.items() if name in held}
