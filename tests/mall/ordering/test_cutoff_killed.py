"""Killed by kill -9 at any write of the cut-off: what was committed stays, the next run goes on."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from mall.groupbuy.models import GroupBuy
from mall.ordering import invariants
from mall.ordering.cutoff import cut_due
from payments import invariants as money
from payments.api import refunds_of
from tests.databases import ROOT
from tests.mall.ordering.selling import close_and_form, make_sale, paid_order, pays
from tests.servers import program_environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def cut_and_die(writes: int) -> int:
    """Run the job as a program that lives for so many writes; return how it ended."""
    program = [sys.executable, "-m", "tests.mall.ordering.dying_cutter", str(writes)]
    return subprocess.run(program, cwd=ROOT, env=program_environment(), check=False).returncode


def test_it_goes_on_where_it_was_killed_and_nobody_gets_twice():
    (group,) = make_sale({"case_size": 2, "tiers": [[5, 2500]]}, {"minimum_quantity": 9})
    orders = [paid_order(group, n, 1) for n in (3, 2, 3)]
    close_and_form(group)

    # within the result, within the first order, within the second
    ends = [cut_and_die(writes) for writes in (3, 12, 30)]
    assert ends == [-signal.SIGKILL] * 3
    assert GroupBuy.objects.get().cut_at is None
    cut_due(100)

    assert GroupBuy.objects.get().cut_at is not None
    assert [pays(each)[0] for each in orders] == [(3, 7500), (2, 5000), (3, 7500)]
    assert [len(refunds_of(each.payment_no)) for each in orders] == [1, 1, 1]
    found = [*invariants.check(), *money.check()]
    assert [violation for result in found for violation in result.violations] == []
