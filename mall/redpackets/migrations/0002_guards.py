"""The database itself keeps a rain: draws are only added, what was announced never changes."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DRAW, PRIZE, SESSION = "redpackets_raindraw", "redpackets_rainprize", "redpackets_rainsession"
# What of a session may still change once it is announced: its state, what was given, when it ended.
_FIXED = (
    "id",
    "code",
    "title",
    "terms",
    "starts_at",
    "seconds",
    "draws_each",
    "needs_card",
    "batch_code",
    "budget_minor",
    "seed",
    "seed_sha256",
)
_IS_DRAFT = f"(SELECT state FROM {SESSION} WHERE id = {{row}}.session_id) = 'draft'"
_OLD = ", ".join(f"OLD.{name}" for name in _FIXED)
_NEW = ", ".join(f"NEW.{name}" for name in _FIXED)

SQLITE = {
    "redpackets_draw_changed": (
        f"BEFORE UPDATE ON {DRAW} BEGIN SELECT RAISE(ABORT, 'rain: draws are only added'); END"
    ),
    "redpackets_draw_deleted": (
        f"BEFORE DELETE ON {DRAW} BEGIN SELECT RAISE(ABORT, 'rain: draws are only added'); END"
    ),
    # SQLite's REPLACE deletes rows without firing their triggers.
    "redpackets_draw_replaced": (
        f"BEFORE INSERT ON {DRAW} WHEN EXISTS (SELECT 1 FROM {DRAW} WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'rain: draws are only added'); END"
    ),
    "redpackets_session_changed": (
        f"BEFORE UPDATE ON {SESSION} WHEN OLD.state <> 'draft' "
        f"AND (({_OLD}) IS NOT ({_NEW}) OR NEW.state = 'draft' "
        "OR NEW.spent_minor < OLD.spent_minor) "
        "BEGIN SELECT RAISE(ABORT, 'rain: what was announced never changes'); END"
    ),
    "redpackets_session_deleted": (
        f"BEFORE DELETE ON {SESSION} WHEN OLD.state <> 'draft' "
        "BEGIN SELECT RAISE(ABORT, 'rain: what was announced stays'); END"
    ),
    **{
        f"redpackets_prize_{event.lower()}": (
            f"BEFORE {event} ON {PRIZE} WHEN NOT ({_IS_DRAFT.format(row=row)}) "
            "BEGIN SELECT RAISE(ABORT, 'rain: what was announced never changes'); END"
        )
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    },
}

_REFUSED = "USING ERRCODE = '23514'"
POSTGRESQL_FUNCTIONS = {
    "redpackets_draw_kept": f"""
        BEGIN
          RAISE EXCEPTION 'rain: draws are only added' {_REFUSED};
        END""",
    "redpackets_session_kept": f"""
        BEGIN
          IF OLD.state = 'draft' THEN
            IF TG_OP = 'DELETE' THEN
              RETURN OLD;
            END IF;
            RETURN NEW;
          END IF;
          IF TG_OP = 'DELETE' OR ({_OLD}) IS DISTINCT FROM ({_NEW}) OR NEW.state = 'draft'
             OR NEW.spent_minor < OLD.spent_minor THEN
            RAISE EXCEPTION 'rain: what was announced never changes' {_REFUSED};
          END IF;
          RETURN NEW;
        END""",
    "redpackets_prize_kept": f"""
        BEGIN
          IF TG_OP = 'INSERT' THEN
            IF NOT ({_IS_DRAFT.format(row="NEW")}) THEN
              RAISE EXCEPTION 'rain: what was announced never changes' {_REFUSED};
            END IF;
            RETURN NEW;
          END IF;
          IF NOT ({_IS_DRAFT.format(row="OLD")}) THEN
            RAISE EXCEPTION 'rain: what was announced never changes' {_REFUSED};
          END IF;
          IF TG_OP = 'DELETE' THEN
            RETURN OLD;
          END IF;
          RETURN NEW;
        END""",
}
POSTGRESQL = (
    f"CREATE TRIGGER redpackets_draw_kept BEFORE UPDATE OR DELETE ON {DRAW} "
    "FOR EACH ROW EXECUTE FUNCTION redpackets_draw_kept()",
    f"CREATE TRIGGER redpackets_session_kept BEFORE UPDATE OR DELETE ON {SESSION} "
    "FOR EACH ROW EXECUTE FUNCTION redpackets_session_kept()",
    f"CREATE TRIGGER redpackets_prize_kept BEFORE INSERT OR UPDATE OR DELETE ON {PRIZE} "
    "FOR EACH ROW EXECUTE FUNCTION redpackets_prize_kept()",
)


def guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guards up."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
            params=None,
        )
    for statement in POSTGRESQL:
        schema_editor.execute(statement, params=None)


def unguard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the guards down."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
        return
    for name in POSTGRESQL_FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")


class Migration(migrations.Migration):
    """Triggers, because a check constraint cannot see what a row was before."""

    dependencies = [("redpackets", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
