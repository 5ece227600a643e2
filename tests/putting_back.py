"""Putting a PostgreSQL database back after a test that committed: only what the test touched.

Cloning a database writes thousands of files and takes most of a second; most tests fill a dozen
tables. What a look at the catalogue cannot vouch for is cloned anew by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

# Deleted rows are swept away by nobody here; after so many times a clone is cheaper.
TIMES_MAX = 200

_FILLED = """
SELECT format('%I.%I', schemaname, relname), relid FROM pg_stat_user_tables
 WHERE schemaname = 'public' AND pg_relation_size(relid) > 0
"""
# What a test that alters the schema changes: counts and the newest transaction in the catalogue.
_SCHEMA = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue}"  # noqa: S608 - of these five
    for catalogue in ("pg_trigger", "pg_constraint", "pg_index", "pg_proc", "pg_attribute")
)
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences
 WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Original:
    """How a fresh clone looks: its schema, the tables that have rows, the sequences in use."""

    schema: list[Any]
    rows: dict[str, tuple[int, int]]
    sequences: dict[str, int]
    times: int = 0
    kept: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Original:
        """Look at a fresh clone and keep a second copy of what its tables hold."""
        filled = [name for name, _oid in connection.execute(_FILLED)]
        connection.execute("CREATE SCHEMA kept")
        kept = {name: f"kept.t{number}" for number, name in enumerate(filled)}
        for name, copy in kept.items():
            connection.execute(_sql("CREATE UNLOGGED TABLE {} AS TABLE {}", copy, name))
        return cls(
            schema=connection.execute(_sql(_SCHEMA)).fetchall(),
            rows={name: _look(connection, name) for name in filled},
            sequences=dict(connection.execute(_SEQUENCES).fetchall()),
            kept=kept,
        )

    def put_back(self, connection: psycopg.Connection[Any]) -> bool:
        """Undo what was committed since; False where only a new clone is sure to be the same."""
        self.times += 1
        connection.execute(_OTHERS)
        if self.times > TIMES_MAX or connection.execute(_sql(_SCHEMA)).fetchall() != self.schema:
            return False
        with connection.transaction():
            # Neither foreign keys nor the ledger's guards look at what is put back.
            connection.execute("SET LOCAL session_replication_role = replica")
            for name, _oid in connection.execute(_FILLED).fetchall():
                if name not in self.rows:
                    connection.execute(_sql("DELETE FROM {}", name))
            for name, before in self.rows.items():
                if _look(connection, name) != before:
                    connection.execute(_sql("DELETE FROM {}", name))
                    connection.execute(
                        _sql("INSERT INTO {} SELECT * FROM {}", name, self.kept[name])
                    )
                    self.rows[name] = _look(connection, name)
            self._wind_back(connection)
        return True

    def _wind_back(self, connection: psycopg.Connection[Any]) -> None:
        for name, value in connection.execute(_SEQUENCES).fetchall():
            before = self.sequences.get(name)
            if before != value:
                back = [name, before or 1, before is not None]
                connection.execute("SELECT setval(%s::regclass, %s, %s)", back)


def _look(connection: psycopg.Connection[Any], table: str) -> tuple[int, int]:
    """Count a table's rows and find the newest: another figure means that somebody wrote."""
    found = connection.execute(
        _sql("SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM {}", table)
    ).fetchone()
    assert found is not None
    return found[0], found[1]


def _sql(statement: str, *names: str) -> sql.Composed:
    """Write a statement about tables; their names were quoted by the server itself."""
    return sql.SQL(statement).format(*map(sql.SQL, names))  # type: ignore[arg-type]
