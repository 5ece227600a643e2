"""Day seals: what the books of a day hash to."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

SEAL = "payments_ledgerseal"
HEADER = "payments_journaltransaction"

# As in 0002: every refusal is an integrity error on both databases. The guard against replacing
# rows on SQLite is the one that wants a seal to be the newest.
SQLITE = {
    "seal_follows": f"""
        BEFORE INSERT ON {SEAL}
        WHEN EXISTS (SELECT 1 FROM {SEAL} WHERE day >= NEW.day OR id = NEW.id)
          OR NEW.previous_hash <>
             COALESCE((SELECT hash FROM {SEAL} ORDER BY day DESC LIMIT 1), NEW.previous_hash)
        BEGIN SELECT RAISE(ABORT, 'ledger: a seal follows from the one before'); END""",
    "seal_changed": f"""
        BEFORE UPDATE ON {SEAL}
        BEGIN SELECT RAISE(ABORT, 'ledger: a seal is never changed'); END""",
    "seal_deleted": f"""
        BEFORE DELETE ON {SEAL}
        BEGIN SELECT RAISE(ABORT, 'ledger: a seal is never deleted'); END""",
    "journal_day_sealed": f"""
        BEFORE INSERT ON {HEADER}
        WHEN EXISTS (SELECT 1 FROM {SEAL} WHERE day >= NEW.business_date)
        BEGIN SELECT RAISE(ABORT, 'ledger: this day is sealed'); END""",
}

POSTGRESQL_FUNCTIONS = {
    "linli_seal_follows": f"""
        BEGIN
          IF EXISTS (SELECT 1 FROM {SEAL} WHERE day >= NEW.day)
             OR NEW.previous_hash <>
                COALESCE((SELECT hash FROM {SEAL} ORDER BY day DESC LIMIT 1), NEW.previous_hash) THEN
            RAISE EXCEPTION 'ledger: a seal follows from the one before' USING ERRCODE = '23514';
          END IF;
          RETURN NEW;
        END""",
    "linli_journal_day_sealed": f"""
        BEGIN
          IF EXISTS (SELECT 1 FROM {SEAL} WHERE day >= NEW.business_date) THEN
            RAISE EXCEPTION 'ledger: this day is sealed' USING ERRCODE = '23514';
          END IF;
          RETURN NEW;
        END""",
}

POSTGRESQL = (
    f"""CREATE TRIGGER seal_follows BEFORE INSERT ON {SEAL}
        FOR EACH ROW EXECUTE FUNCTION linli_seal_follows()""",
    f"""CREATE TRIGGER seal_changed BEFORE UPDATE OR DELETE ON {SEAL}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_kept()""",
    f"""CREATE TRIGGER seal_emptied BEFORE TRUNCATE ON {SEAL}
        FOR EACH STATEMENT EXECUTE FUNCTION linli_journal_not_emptied()""",
    f"""CREATE TRIGGER journal_day_sealed BEFORE INSERT ON {HEADER}
        FOR EACH ROW EXECUTE FUNCTION linli_journal_day_sealed()""",
)
DROPPED = (
    f"DROP TRIGGER seal_changed ON {SEAL}",
    f"DROP TRIGGER seal_emptied ON {SEAL}",
    "DROP FUNCTION linli_seal_follows() CASCADE",
    "DROP FUNCTION linli_journal_day_sealed() CASCADE",
)


def install(apps, schema_editor) -> None:
    """Put the guards on the seals, and close sealed days to new journals."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        schema_editor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
            params=None,
        )
    for statement in POSTGRESQL:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor) -> None:
    """Take the guards away again."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
        return
    for statement in DROPPED:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Day seals, and the operator's own funds that two persons put into the books."""

    dependencies = [("payments", "0004_routing")]
    operations = [
        migrations.CreateModel(
            name="LedgerSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="business day")),
                (
                    "previous_hash",
                    models.CharField(max_length=64, verbose_name="seal of the day before"),
                ),
                ("hash", models.CharField(max_length=64, verbose_name="seal")),
                ("journals", models.PositiveIntegerField(verbose_name="journals")),
                ("entries", models.PositiveIntegerField(verbose_name="legs")),
                (
                    "sums",
                    models.JSONField(
                        default=dict,
                        help_text="The sum of the debit side per currency, in the smallest unit.",
                        verbose_name="debited",
                    ),
                ),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
            ],
            options={
                "verbose_name": "day seal",
                "verbose_name_plural": "day seals",
                "ordering": ("-day",),
            },
        ),
        migrations.RunPython(install, remove),
        migrations.CreateModel(
            name="OwnFunds",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What tells this deposit from others: the bank's receipt number, or “opening”.",
                        max_length=64,
                        unique=True,
                        verbose_name="key",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "currency",
                    models.CharField(default="CNY", max_length=3, verbose_name="currency"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for a second person"),
                            ("confirmed", "booked"),
                            ("refused", "refused"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("proposed_by", models.CharField(max_length=150, verbose_name="entered by")),
                ("proposed_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "decided_by",
                    models.CharField(blank=True, max_length=150, verbose_name="decided by"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
            ],
            options={
                "verbose_name": "own funds",
                "verbose_name_plural": "own funds",
                "ordering": ("-pk",),
                "permissions": (
                    ("confirm_ownfunds", "Can confirm own funds that another entered"),
                ),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(amount_minor__gt=0), name="payments_ownfunds_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=Q(status="proposed") | ~Q(decided_by=F("proposed_by")),
                        name="payments_ownfunds_two_persons",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="incident",
            name="kind",
            field=models.CharField(
                choices=[
                    ("amount_mismatch", "amount, currency or merchant differs"),
                    ("orphan_notify", "message about an unknown number"),
                    ("late_payment", "paid after closing, returned"),
                    ("double_payment", "paid twice, returned"),
                    ("double_txn", "two transactions under one number"),
                    ("tender_mismatch", "the bank gave another discount than quoted"),
                    ("refund_failed", "refund refused"),
                    ("refund_came_back", "refund came back after it was done"),
                    ("transfer_failed", "transfer refused"),
                    ("transfer_came_back", "transfer came back after it was done"),
                    ("transfer_unfunded", "payout waits for money in the bank account"),
                    ("split_failed", "share refused"),
                    ("split_return_failed", "share not returned, advanced by us"),
                    ("contradiction", "the acquirer contradicts itself"),
                    ("acquirer_config", "acquirer account is set up wrongly"),
                    ("acquirer_out", "acquirer account is out of order"),
                    ("no_bill", "a bill is missing"),
                    ("bad_bill", "a bill is not what it says it is"),
                    ("bill_reissued", "a bill was issued again with other contents"),
                    ("money_missing", "booked here, and in no bill"),
                    ("dead_letter", "a fact could not be delivered"),
                ],
                max_length=32,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                fields=["succeeded_at"], condition=Q(succeeded_at__isnull=False), name="payments_payment_succeeded"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="payments_refund_done"
            ),
        ),
        migrations.AddIndex(
            model_name="splitreturn",
            index=models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="payments_splitreturn_done"
            ),
        ),
        migrations.AddIndex(
            model_name="splitshare",
            index=models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="payments_splitshare_done"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["done_at"], condition=Q(done_at__isnull=False), name="payments_transfer_done"
            ),
        ),
    ]
