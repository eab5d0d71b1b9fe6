"""The one way to the database: statements compiled once, run on asyncpg, inside a transaction that is somebody's."""

from .database import APP_ROLE, Database
from .queries import Query, Record, app_now, command, query
from .schema import metadata, owned_by, private, public, reference, tenant_key
from .transaction import Transaction, TransactionConflict, constraint

__all__ = [
    "APP_ROLE",
    "Database",
    "Query",
    "Record",
    "Transaction",
    "TransactionConflict",
    "app_now",
    "command",
    "constraint",
    "metadata",
    "owned_by",
    "private",
    "public",
    "query",
    "reference",
    "tenant_key",
]
