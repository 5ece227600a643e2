"""What was owed before lines were written is written by the migration; twice it is once."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from groupleader import invariants
from groupleader.models import CommissionTerms, SupplierAccount, SupplierDue, TakenBack
from payments.api import now
from tests.groupleader.making import line, make_leader, settled_order

pytestmark = pytest.mark.django_db
books = import_module("groupleader.migrations.0010_books")
EDITOR = SimpleNamespace(connection=connection)


def broken_rules() -> list[str]:
    return [str(v) for result in invariants.check() for v in result.violations]


def as_before() -> None:
    """Leave what an installation had that is older than the lists."""
    SupplierDue.objects.all().delete()
    SupplierAccount.objects.all().delete()
    TakenBack.objects.all().delete()
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(name="0005_settling").update(applied=now())


def upgraded() -> None:
    books.list_refunds(apps, EDITOR)
    books.list_dues(apps, EDITOR)


def test_what_is_owed_from_before_becomes_lines_of_each_journal():
    order = settled_order(make_leader(), [line("A", 3_000), line("B", 9_800, supplier_id=6)])
    as_before()
    assert len(broken_rules()) == 2

    upgraded()
    upgraded()

    assert broken_rules() == []
    dues = SupplierDue.objects.order_by("amount_minor")
    assert [(row.order_no, row.amount_minor, row.kind) for row in dues] == [
        (order.order_no, 2_400, "goods"),
        (order.order_no, 7_840, "goods"),
    ]


def test_refunds_from_before_are_listed_with_what_they_took():
    order = settled_order(make_leader(), [line("A", 3_000)])
    order.refunds_line("A", 1_000, "R1")
    TakenBack.objects.all().delete()

    upgraded()
    upgraded()

    assert TakenBack.objects.get().value_minor == CommissionTerms.objects.get().returned_minor
    assert broken_rules() == []


def test_lines_that_are_written_since_are_not_written_again():
    settled_order(make_leader(), [line("A", 3_000)])
    as_before()
    upgraded()
    settled_order(make_leader(), [line("B", 5_000)])
    before = SupplierDue.objects.count()

    upgraded()

    assert SupplierDue.objects.count() == before
    assert broken_rules() == []
