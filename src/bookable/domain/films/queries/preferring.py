"""Statements over how people like their films shown."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import command, query

from ..records import Preferences
from ..tables import preferences
from .columns import tenant

__all__ = ["forget", "keep", "of_user"]

_user = sa.bindparam("user_id", type_=sa.Uuid)
_theirs = sa.and_(preferences.c.tenant_id == tenant, preferences.c.user_id == _user)
_fields = Preferences.__struct_fields__
_shown = [preferences.c[name] for name in _fields]
_new = insert(preferences).values(
    tenant_id=tenant, user_id=_user, **{n: sa.bindparam(n, type_=preferences.c[n].type) for n in _fields}
)

of_user = query(sa.select(*_shown).where(_theirs), Preferences)
keep = query(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "user_id"], set_={n: _new.excluded[n] for n in _fields}
    ).returning(*_shown),
    Preferences,
)
forget = command(sa.delete(preferences).where(_theirs))
