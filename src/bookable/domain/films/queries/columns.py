"""A film's columns, and the parameters that every statement about films has."""

from typing import Any

import sqlalchemy as sa

from ..records import Film

__all__ = ["SHOWN", "film_id", "of", "owner", "tenant"]

tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
owner = sa.bindparam("owner_id", type_=sa.Uuid)
film_id = sa.bindparam("film_id", type_=sa.BigInteger)
SHOWN = Film.__struct_fields__


def of(rows: Any) -> list[sa.ColumnElement[Any]]:
    """The columns of a `Film`, of a table's, view's or subquery's `.c`."""
    return [rows[name] for name in SHOWN]
