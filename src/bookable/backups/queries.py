"""What is asked of a database before it is dumped, and done to one before it is filled."""

from psycopg import sql

from bookable.kernel.db import APP_ROLE

__all__ = ["GRANT_APP_ROLE", "IS_MEMBER", "MAKE_APP_ROLE", "READS_ALL_ROWS", "TABLES"]

READS_ALL_ROWS = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"

TABLES = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""

MAKE_APP_ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

IS_MEMBER = "SELECT pg_has_role(%s, %s, 'MEMBER')"

GRANT_APP_ROLE = sql.SQL("GRANT {role} TO {user}")
