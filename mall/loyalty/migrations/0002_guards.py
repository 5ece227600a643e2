"""The database itself keeps the points: entries are only added, a fixed programme never changes."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KEPT = ("loyalty_pointsentry", "loyalty_lotmove")
PROGRAMME = "loyalty_pointsprogramme"


def _sqlite() -> dict[str, str]:
    triggers = {}
    for table in KEPT:
        for event in ("UPDATE", "DELETE"):
            triggers[f"{table}_{event.lower()}"] = (
                f"BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'points: {table} only grows'); END"
            )
        # SQLite's REPLACE deletes rows without firing their triggers.
        triggers[f"{table}_replaced"] = (
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, 'points: {table} only grows'); END"
        )
    for event in ("UPDATE", "DELETE"):
        triggers[f"{PROGRAMME}_{event.lower()}"] = (
            f"BEFORE {event} ON {PROGRAMME} WHEN OLD.state = 'fixed' "
            "BEGIN SELECT RAISE(ABORT, 'points: a fixed version never changes'); END"
        )
    return triggers


_FUNCTIONS = {
    "loyalty_kept": """
        BEGIN
          RAISE EXCEPTION 'points: % of % is refused, it only grows', TG_OP, TG_TABLE_NAME
            USING ERRCODE = '23514';
        END""",
    "loyalty_programme_kept": """
        BEGIN
          IF OLD.state = 'fixed' THEN
            RAISE EXCEPTION 'points: a fixed version never changes' USING ERRCODE = '23514';
          END IF;
          IF TG_OP = 'DELETE' THEN
            RETURN OLD;
          END IF;
          RETURN NEW;
        END""",
}


def _postgresql() -> list[str]:
    triggers = [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION loyalty_kept()"
        for table in KEPT
    ]
    return [
        *triggers,
        f"CREATE TRIGGER {PROGRAMME}_kept BEFORE UPDATE OR DELETE ON {PROGRAMME} "
        "FOR EACH ROW EXECUTE FUNCTION loyalty_programme_kept()",
    ]


def guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guards up."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in _sqlite().items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    for name, body in _FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
            params=None,
        )
    for statement in _postgresql():
        schema_editor.execute(statement, params=None)


def unguard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the guards down."""
    if schema_editor.connection.vendor == "sqlite":
        for name in _sqlite():
            schema_editor.execute(f"DROP TRIGGER {name}")
        return
    for name in _FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")


class Migration(migrations.Migration):
    """Triggers, because a check constraint cannot see what a row was before."""

    dependencies = [("loyalty", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
