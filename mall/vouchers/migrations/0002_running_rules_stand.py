"""Let the database itself refuse to change what residents were promised, or what was taken."""

from __future__ import annotations

from django.db import migrations

_RULE = (
    "code", "name", "terms", "kind", "owner_id", "threshold_minor", "discount_minor",
    "included_id", "excluded_id", "physical_only", "place", "valid_from", "valid_until",
    "valid_hours", "audience", "issuers", "new_within_days", "person_limit", "campaign",
    "worth_limit", "funding", "is_prefunded", "refund_policy",
)
_ROUND = ("batch_id", "opens_at", "closes_at", "stock", "person_limit")
_VOUCHER = ("voucher_no", "batch_id", "round_id", "resident_id", "source", "source_key",
            "worth_minor", "claimed_at", "valid_from", "expires_at")
_REDEMPTION = ("redemption_no", "voucher_id", "merchant_id", "bill_minor", "discount_minor",
               "business_date", "taken_by_id", "at")


def _differs(columns: tuple[str, ...], is_distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {is_distinct} OLD.{column}" for column in columns)


def _triggers(is_distinct: str) -> dict[str, tuple[str, str, str]]:
    """Name -> table, event, condition under which it is refused."""
    batch, claim_round = "vouchers_voucherbatch", "vouchers_claimround"
    voucher, redemption = "vouchers_voucher", "vouchers_redemption"
    undone_again = f"OLD.undone_at IS NOT NULL AND NEW.undone_at {is_distinct} OLD.undone_at"
    return {
        "vouchers_batch_rule_stands": (
            batch,
            "UPDATE",
            f"OLD.state <> 'draft' AND ({_differs(_RULE, is_distinct)} OR NEW.state = 'draft')",
        ),
        "vouchers_batch_kept": (batch, "DELETE", "OLD.state <> 'draft'"),
        "vouchers_round_stands": (
            claim_round,
            "UPDATE",
            f"OLD.claimed_count > 0 AND ({_differs(_ROUND, is_distinct)})",
        ),
        "vouchers_round_kept": (claim_round, "DELETE", "OLD.claimed_count > 0"),
        "vouchers_voucher_stands": (voucher, "UPDATE", _differs(_VOUCHER, is_distinct)),
        "vouchers_redemption_stands": (
            redemption,
            "UPDATE",
            f"{_differs(_REDEMPTION, is_distinct)} OR ({undone_again})",
        ),
        "vouchers_redemption_kept": (redemption, "DELETE", "OLD.id IS NOT NULL"),
    }


def _create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for name, (table, event, refused) in _triggers("IS NOT").items():
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {refused} "
                f"BEGIN SELECT RAISE(ABORT, 'what was promised stands: {name}'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION vouchers_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'what was promised stands' "
        "USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME; END $$"
    )
    for name, (table, event, refused) in _triggers("IS DISTINCT FROM").items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({refused}) "
            "EXECUTE FUNCTION vouchers_refuse()"
        )


def _drop(apps, schema_editor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for name, (table, _event, _refused) in _triggers("").items():
        schema_editor.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        schema_editor.execute("DROP FUNCTION vouchers_refuse()")


class Migration(migrations.Migration):
    """Triggers, because a constraint does not see what a row was before."""

    dependencies = [("vouchers", "0001_initial")]
    operations = [migrations.RunPython(_create, _drop)]
