"""Let the database itself refuse to change an issued claim, its lines, or a booked receipt."""

from __future__ import annotations

from django.db import migrations

CLAIM = "claims_subsidyclaim"
LINE = "claims_claimline"
RECEIPT = "claims_subsidyreceipt"
PART = "claims_receiptpart"
EVENT = "claims_claimevent"
FROZEN = (
    "giver", "campaign", "month", "name", "claim_no", "line_count", "given_minor", "returned_minor",
    "again_minor", "amount_minor", "to_return_minor", "sha256", "ledger_minor", "ledger_legs",
    "prepared_by", "prepared_at", "issued_by", "issued_at",
)
RECEIVED = (
    "receipt_no", "giver", "campaign", "day", "amount_minor", "bank_line", "proposed_by",
    "decided_by",
)
_IS_DRAFT = f"(SELECT status FROM {CLAIM} WHERE id = {{row}}.claim_id) = 'draft'"


def _differs(columns: tuple[str, ...], is_distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {is_distinct} OLD.{column}" for column in columns)


def _triggers(is_distinct: str) -> dict[str, tuple[str, str, str, str]]:
    """Name -> table, event, condition under which it is refused, what is said."""
    issued = "an issued claim never changes"
    booked = "a booked receipt never changes"
    return {
        "claims_claim_issued": (
            CLAIM,
            "UPDATE",
            f"OLD.status <> 'draft' AND ({_differs(FROZEN, is_distinct)} OR NEW.status = 'draft')",
            issued,
        ),
        "claims_claim_kept": (CLAIM, "DELETE", "OLD.status <> 'draft'", issued),
        "claims_line_added": (LINE, "INSERT", f"NOT ({_IS_DRAFT.format(row='NEW')})", issued),
        "claims_line_changed": (LINE, "UPDATE", f"NOT ({_IS_DRAFT.format(row='OLD')})", issued),
        "claims_line_kept": (LINE, "DELETE", f"NOT ({_IS_DRAFT.format(row='OLD')})", issued),
        "claims_receipt_booked": (
            RECEIPT,
            "UPDATE",
            f"OLD.status <> 'proposed' AND ({_differs(RECEIVED, is_distinct)}"
            " OR NEW.status <> OLD.status)",
            booked,
        ),
        "claims_receipt_kept": (RECEIPT, "DELETE", "OLD.status <> 'proposed'", booked),
        "claims_part_changed": (PART, "UPDATE", "", booked),
        "claims_part_kept": (PART, "DELETE", "", booked),
        "claims_event_changed": (EVENT, "UPDATE", "", "the story of a claim is never rewritten"),
    }


def _create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for name, (table, event, refused, words) in _triggers("IS NOT").items():
            when = f" WHEN {refused}" if refused else ""
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{when} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    for name, (table, event, refused, words) in _triggers("IS DISTINCT FROM").items():
        # A subquery is not allowed in a trigger's WHEN, so the function asks.
        test = refused or "TRUE"
        back = "OLD" if event == "DELETE" else "NEW"
        schema_editor.execute(
            f"CREATE FUNCTION linli_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {test} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23514'; END IF; "
            f"RETURN {back}; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION linli_{name}()"
        )


def _drop(apps, schema_editor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, _event, _refused, _words) in _triggers("").items():
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            schema_editor.execute(f"DROP FUNCTION linli_{name}()")


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]
    operations = [migrations.RunPython(_create, _drop)]
