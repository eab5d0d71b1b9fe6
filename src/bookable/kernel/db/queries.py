"""Named statements: built once from Core tables, compiled once for asyncpg, answered as typed records."""

import enum
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Query", "Record", "app_now", "command", "query"]

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]
_REQUIRED = object()


class Record(msgspec.Struct, frozen=True):
    """A row, read-only. Its fields are the statement's columns, in their order and by their names."""


R = TypeVar("R")


def app_now() -> sa.ColumnElement[Any]:
    """The application's clock, asked inside the statement (see `kernel.clock`)."""
    return sa.func.app_now(type_=sa.DateTime(timezone=True))


def query(statement: sa.Executable, record: type[R]) -> "Query[R]":
    """A statement whose rows are `record`s, or single values of that type."""
    return Query(statement, record)


def command(statement: sa.Executable) -> "Query[int]":
    """A statement run for its effect."""
    return Query(statement, int)


class Query(Generic[R]):
    """A Core statement with its compiled text. Compilation happens at first use and never again: from then on the
    statement itself is not needed, and is let go.

    Raises TypeError at that first use when the statement's columns are not the record's fields.
    """

    __slots__ = ("__dict__", "_statement", "record")

    def __init__(self, statement: sa.Executable, record: type[R]) -> None:
        self._statement: sa.Executable | None = statement
        self.record = record

    @cached_property
    def _compiled(self) -> "_Compiled":
        statement = self._statement
        assert statement is not None
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self._statement = None
        return _Compiled(
            sql=str(compiled),
            slots=tuple(
                (n, _REQUIRED if (b := compiled.binds[n]).required else b.effective_value)
                for n in compiled.positiontup or []
            ),
            columns=tuple(c.key for c in getattr(statement, "exported_columns", ())),
        )

    @cached_property
    def sql(self) -> str:
        """The text as PostgreSQL gets it, with `$1`-style parameters."""
        return self._compiled.sql

    @cached_property
    def _slots(self) -> tuple[tuple[str, Any], ...]:
        return self._compiled.slots

    @cached_property
    def takes_tenant(self) -> bool:
        """Whether the statement has a parameter `tenant_id`, which the transaction then fills in."""
        return any(n == "tenant_id" for n, _ in self._slots)

    def arguments(self, params: Mapping[str, Any]) -> list[Any]:
        """Positional arguments for asyncpg. Raises TypeError for a missing or an unknown parameter."""
        try:
            args = [params[n] if d is _REQUIRED else params.get(n, d) for n, d in self._slots]
        except KeyError as missing:
            raise TypeError(f"the statement needs {missing}") from None
        if len(params) > len(args):
            names = {n for n, _ in self._slots}
            if unknown := set(params) - names - {"tenant_id"}:
                raise TypeError(f"the statement has no parameter {sorted(unknown)}")
        return args

    @cached_property
    def read(self) -> Callable[[Any], R]:
        """From asyncpg's row to the record."""
        if not (isinstance(self.record, type) and issubclass(self.record, Record)):
            return _first_column(self.record)
        fields = self.record.__struct_fields__
        columns = self._compiled.columns
        if columns and columns != fields:
            raise TypeError(f"{self.record.__name__} has the fields {fields}, the statement {columns}")
        return _row_reader(self.record)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What is kept of a compiled statement: text, parameters with their defaults, names of columns."""

    sql: str
    slots: tuple[tuple[str, Any], ...]
    columns: tuple[str, ...]


def _first_column(kind: type[R]) -> Callable[[Any], R]:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return lambda row: kind(row[0])
    return lambda row: row[0]


def _row_reader(record: type[Any]) -> Callable[[Any], Any]:
    """Builds the record; text becomes the enum that the field asks for."""
    hints = typing.get_type_hints(record)
    names: tuple[str, ...] = record.__struct_fields__
    converters = [(i, e) for i, f in enumerate(names) if (e := _enum_of(hints[f]))]
    if not converters:
        return lambda row: record(*row)

    def read(row: Any) -> Any:
        values = list(row)
        for i, members in converters:
            values[i] = members(values[i]) if values[i] is not None else None
        return record(*values)

    return read


def _enum_of(hint: Any) -> type[enum.Enum] | None:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next((a for a in get_args(hint) if a is not type(None)), None)
    return hint if isinstance(hint, type) and issubclass(hint, enum.Enum) else None
