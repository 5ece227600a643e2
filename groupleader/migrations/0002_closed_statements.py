"""Let the database itself refuse to change a closed statement or the lines it was made of."""

from __future__ import annotations

from django.db import migrations

STATEMENT = "groupleader_settlementstatement"
ACCRUAL = "groupleader_commissionaccrual"
FROZEN = ("statement_no", "leader_id", "period", "gross_minor", "tax_minor", "deductions_minor",
          "net_minor", "tax_regime", "tax_date")


def _differs(columns: tuple[str, ...], is_distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {is_distinct} OLD.{column}" for column in columns)


def _triggers(is_distinct: str) -> dict[str, tuple[str, str, str]]:
    """Name -> table, event, condition under which it is refused."""
    return {
        "groupleader_statement_closed": (
            STATEMENT,
            "UPDATE",
            f"OLD.status <> 'draft' AND ({_differs(FROZEN, is_distinct)} OR NEW.status = 'draft')",
        ),
        "groupleader_statement_kept": (STATEMENT, "DELETE", "OLD.status <> 'draft'"),
        "groupleader_accrual_settled": (
            ACCRUAL,
            "UPDATE",
            "OLD.statement_id IS NOT NULL AND ("
            + _differs(("statement_id", "earned_minor", "reduced_minor", "leader_id"), is_distinct)
            + ")",
        ),
        "groupleader_accrual_kept": (ACCRUAL, "DELETE", "OLD.statement_id IS NOT NULL"),
    }


def _create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for name, (table, event, refused) in _triggers("IS NOT").items():
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {refused} "
                f"BEGIN SELECT RAISE(ABORT, 'a closed statement never changes'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION groupleader_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'a closed statement never changes' "
        "USING ERRCODE = 'restrict_violation'; END $$"
    )
    for name, (table, event, refused) in _triggers("IS DISTINCT FROM").items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({refused}) "
            "EXECUTE FUNCTION groupleader_refuse()"
        )


def _drop(apps, schema_editor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, _event, _refused) in _triggers("").items():
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        schema_editor.execute("DROP FUNCTION groupleader_refuse()")


class Migration(migrations.Migration):
    dependencies = [("groupleader", "0001_initial")]
    operations = [migrations.RunPython(_create, _drop)]
