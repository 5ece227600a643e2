"""The database itself keeps the story of a case: its steps are never changed or deleted."""

from __future__ import annotations

from django.db import migrations

STEP = "reconciliation_casestep"

SQLITE = {
    "case_step_changed": f"""
        BEFORE UPDATE ON {STEP}
        BEGIN SELECT RAISE(ABORT, 'reconciliation: a step is never changed'); END""",
    "case_step_deleted": f"""
        BEFORE DELETE ON {STEP}
        BEGIN SELECT RAISE(ABORT, 'reconciliation: a step is never deleted'); END""",
    "case_step_replaced": f"""
        BEFORE INSERT ON {STEP} WHEN EXISTS (SELECT 1 FROM {STEP} WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'reconciliation: a step is never changed'); END""",
}


def install(apps, schema_editor) -> None:
    """Put the guards on the steps."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    schema_editor.execute(
        """CREATE OR REPLACE FUNCTION linli_case_step_kept() RETURNS trigger LANGUAGE plpgsql AS
        $guard$ BEGIN
          RAISE EXCEPTION 'reconciliation: a step is never changed' USING ERRCODE = '23514';
        END $guard$""",
        params=None,
    )
    schema_editor.execute(
        f"""CREATE TRIGGER case_step_kept BEFORE UPDATE OR DELETE ON {STEP}
        FOR EACH ROW EXECUTE FUNCTION linli_case_step_kept()""",
        params=None,
    )


def remove(apps, schema_editor) -> None:
    """Take the guards away again (only ever on the way back to an empty house)."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
        return
    schema_editor.execute("DROP FUNCTION linli_case_step_kept() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
