"""A day with many payments, made in the database by a few statements, and its bill as a file."""
# ruff: noqa: S608

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from payments.api import ensure_sandbox_account
from payments.kernel.clock import SHANGHAI
from payments.models import AcquirerAccount, Payment
from payments.sandbox.core.bills import Heading, Line, Wish, written
from payments.sandbox.keys import KeyRing
from payments.sandbox.settings import Settings

DAY = date(2026, 11, 20)
# Differences in the day: these many lines say another amount, these many rows are in no line.
WRONG_AMOUNTS, NOT_THERE = 100, 20


def main(lines: str, folder: str) -> None:
    """Make a day of so many payments, and its bill in a folder."""
    make(int(lines), Path(folder))


def make(lines: int, folder: Path) -> None:
    """Migrate an empty database, fill it, and write the bill and what is wrong with it."""
    call_command("migrate", verbosity=0)
    _account()
    with connection.cursor() as cursor:
        _without_guards(cursor)
        _payments(cursor, lines)
        _fee_journals(cursor)
        cursor.execute("ANALYZE")
    _write_bill(lines, folder / "bill.csv")
    (folder / "day.json").write_text(json.dumps({"lines": lines - NOT_THERE}))


def _account() -> None:
    keys = Path(settings.LINLI_SANDBOX_KEYS)
    keys.mkdir(parents=True, exist_ok=True)
    KeyRing(Settings(data=keys.parent, keys=keys))
    ensure_sandbox_account()


def _without_guards(cursor) -> None:
    """The ledger's guards cost as much as the journals; this database is thrown away."""
    if connection.vendor == "postgresql":
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET statement_timeout = 0")
        return
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP TRIGGER "{name}"')


def _series(lines: int) -> str:
    if connection.vendor == "postgresql":
        return f"SELECT generate_series(1::bigint, {lines}) AS n"
    return (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {lines}) "
        "SELECT n FROM s"
    )


def _scattered() -> str:
    """A number's eight digits, in no order, as real ones are: odd times n is one to one."""
    product = "(n * 2654435761) % 4294967296"
    if connection.vendor == "postgresql":
        return f"lpad(upper(to_hex({product})), 8, '0')"
    return f"printf('%08X', {product})"


AMOUNT = "(100 + (n * 7919) % 20000)"
FEE = "(p.amount_minor * 38 + 5000) / 10000"


def _payments(cursor, lines: int) -> None:
    account = AcquirerAccount.objects.get(code="sandbox")
    noon = datetime.combine(DAY, time(12), tzinfo=SHANGHAI)
    Payment.objects.create(
        payment_no="TEMPLATE",
        reference="TEMPLATE",
        payer_ref="1",
        account=account,
        merchant=f"sandbox:{account.merchant_id}",
        scene="h5",
        subject="bench",
        continue_url="/",
        amount_minor=1,
        captured_minor=1,
        status="succeeded",
        application="surplus",
        acquirer_no="TEMPLATE",
        created_at=noon,
        expires_at=noon,
        succeeded_at=noon,
    )
    columns = [field.column for field in Payment._meta.fields if not field.primary_key]
    own = {
        "payment_no": f"'P261120' || {_scattered()} || '00000'",
        "reference": "'M' || n",
        "acquirer_no": f"'A261120' || {_scattered()}",
        "amount_minor": AMOUNT,
        "captured_minor": AMOUNT,
    }
    values = ", ".join(own.get(name, f"t.{name}") for name in columns)
    cursor.execute(
        f"INSERT INTO payments_payment ({', '.join(columns)}) SELECT {values} "
        f"FROM ({_series(lines)}) g, payments_payment t WHERE t.payment_no = 'TEMPLATE'"
    )
    cursor.execute("DELETE FROM payments_payment WHERE payment_no = 'TEMPLATE'")


def _fee_journals(cursor) -> None:
    """Each payment's fee at the contract's rate: one journal of two legs, as captures book it."""
    is_true = "TRUE" if connection.vendor == "postgresql" else "1"
    cursor.execute(
        "INSERT INTO payments_journaltransaction "
        "(ref, kind, business_date, posted, created_at, memo) "
        f"SELECT 'fee:' || payment_no, 'fee', '{DAY}', {is_true}, created_at, '' "
        "FROM payments_payment"
    )
    for account, sign in (("6401", ""), ("1101", "-")):
        cursor.execute(
            "INSERT INTO payments_journalentry "
            "(transaction_id, account, party, reference, amount_minor, currency) "
            f"SELECT j.id, '{account}', 'sandbox', '', {sign}({FEE}), 'CNY' "
            "FROM payments_payment p JOIN payments_journaltransaction j "
            f"ON j.ref = 'fee:' || p.payment_no WHERE {FEE} > 0"
        )


def _write_bill(lines: int, file: Path) -> None:
    merchant = AcquirerAccount.objects.get(code="sandbox").merchant_id
    at = int(datetime.combine(DAY, time(12), tzinfo=SHANGHAI).timestamp() * 1000)
    heading = Heading(Wish(merchant, DAY, "trade"), made_ms=at)
    with file.open("w", encoding="utf-8", newline="") as out:
        for piece in written(heading, _lines(lines - NOT_THERE, at)):
            out.write(piece)


def _lines(count: int, at: int) -> Iterator:
    for n in range(1, count + 1):
        scattered = f"{n * 2654435761 % 4294967296:08X}"
        amount = 100 + n * 7919 % 20000
        fee = (amount * 38 + 5000) // 10000
        said = amount + 1 if n <= WRONG_AMOUNTS else amount
        number, theirs = f"P261120{scattered}00000", f"A261120{scattered}"
        yield Line("PAY", number, theirs, "", "", said, fee, "SUCCESS", at + n % 1000)
