"""A month of commission: a thousand leaders, a million lines that are free to be settled."""
# ruff: noqa: S608

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model, Sum

from groupleader.models import CommissionAccrual, CommissionTerms, Leader
from payments.api import Money, now, post_commission_earned


def main(leaders: str, lines: str) -> None:
    """Fill the database; numbers as words."""
    call_command("migrate", interactive=False, verbosity=0)
    make(int(leaders), int(lines))


def make(leaders: int, lines: int) -> None:
    """Write the leaders one by one and their lines by two statements of SQL; book what is owed."""
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=f"bench{n}", phone=f"+86137{n:08d}", display_name=f"团长{n}")
        for n in range(leaders)
    )
    rows = Leader.objects.bulk_create(
        Leader(user=user, name=user.display_name, status=Leader.Status.ACTIVE) for user in users
    )
    first = min(row.pk for row in rows)
    at = now() - timedelta(days=40)
    terms = CommissionTerms.objects.create(
        line_id="sample",
        order_no="sample",
        leader=rows[0],
        title="东北大米 5 kg",
        quantity=1,
        base_minor=10_000,
        rate="0.1000",
        scope="default",
        placed_at=at,
    )
    accrual = CommissionAccrual.objects.create(
        terms=terms,
        leader=rows[0],
        fulfilment="whole",
        status=CommissionAccrual.Status.AVAILABLE,
        earned_minor=1_000,
        accrued_at=at,
        frozen_at=at,
        available_at=at,
    )
    numbers = f"""(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
        WHERE i < {lines - 1}) SELECT i FROM n) numbers"""
    _copy(
        terms,
        numbers,
        line_id="'B' || numbers.i",
        order_no="'BENCH' || (numbers.i / 4)",
        leader_id=f"{first} + numbers.i % {leaders}",
    )
    table = CommissionTerms._meta.db_table
    _copy(
        accrual,
        f"(SELECT id AS made, leader_id AS whose FROM {table} WHERE line_id LIKE 'B%') numbers",
        terms_id="numbers.made",
        leader_id="numbers.whose",
    )
    sums = CommissionAccrual.objects.order_by().values_list("leader_id")
    with transaction.atomic():
        for leader, minor in sums.annotate(sum=Sum("amount_minor")):
            post_commission_earned(key=f"B{leader}", leader_ref=str(leader), amount=Money(minor))


def _copy(sample: Model, numbers: str, **changed: str) -> None:
    """Copy one row as often as there are numbers, some columns told by SQL."""
    meta: Any = sample._meta
    columns = [
        field.column
        for field in meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
    chosen = ", ".join(changed.get(column, f"sample.{column}") for column in columns)
    sql = f"""INSERT INTO {meta.db_table} ({", ".join(columns)})
        SELECT {chosen} FROM {meta.db_table} sample, {numbers} WHERE sample.id = {sample.pk}"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
