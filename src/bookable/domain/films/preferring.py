"""How somebody likes their films shown."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from bookable.kernel.db import Transaction

from .queries import preferring as queries
from .records import Preferences

__all__ = ["PLAIN", "prefer", "preferences_of"]

PLAIN = Preferences(theme="system", language="en", page_size=20)
"""Until somebody says otherwise."""


async def preferences_of(tx: Transaction, user_id: UUID) -> Preferences:
    """What they have said, or `PLAIN`."""
    return await tx.first(queries.of_user, user_id=user_id) or PLAIN


async def prefer(tx: Transaction, user_id: UUID, changes: Mapping[str, Any]) -> Preferences:
    """Set `theme`, `language`, `page_size`, those that are given."""
    wanted = msgspec.structs.replace(await preferences_of(tx, user_id), **changes)
    return await tx.one(queries.keep, user_id=user_id, **msgspec.structs.asdict(wanted))
