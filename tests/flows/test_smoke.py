"""The operator's check: it passes where all is well, and names the step where something is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from oscar.apps.partner.models import Partner

from mall.catalogue.models import SupplierProfile
from mall.config import processes
from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.lifecycle import end
from mall.promotions.models import BankOffer
from tests.browser.town import PASSWORD, Town, make_town
from tests.databases import ROOT
from tests.servers import program_environment
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture
def town(live_mall) -> Town:
    town = make_town()
    # Purchase orders go to the supplier's telephone.
    supplier = Partner.objects.get(name="安溪供销社")
    answers = {"phone": "+8613900000099", "state": SupplierProfile.State.NORMAL}
    SupplierProfile.objects.update_or_create(partner=supplier, defaults=answers)
    return town


@pytest.fixture
def worker(live_mall) -> Iterator[None]:
    """The worker, as a process of its own."""
    log = settings.DATA_DIR / "worker.log"
    process = processes.start(
        [sys.executable, "manage.py", "worker"], log=log, env=program_environment(), cwd=ROOT
    )
    until(
        lambda: (
            processes.answers(f"{live_mall.url}/readyz") and "worker.started" in log.read_text()
        ),
        60,
        "the worker",
    )
    yield
    processes.stop(process)
    log.unlink()


def play(live_mall, town, monkeypatch) -> str:
    for name in ("LINLI_SMOKE_PASSWORD", "LINLI_SMOKE_SECOND_PASSWORD"):
        monkeypatch.setenv(name, PASSWORD)
    told = StringIO()
    call_command(
        "smoke",
        base_url=live_mall.url,
        leader_phone=town.leader.user.phone.removeprefix("+86"),
        point=town.group.pickup_point.name,
        goods=["糯玉米", "土鸡蛋", "三文鱼"],
        patience=120.0,
        stdout=told,
    )
    return told.getvalue()


def test_it_plays_the_whole_story_and_touches_no_other_group_buy(
    live_mall, town, worker, monkeypatch
):
    before = GroupBuy.objects.filter(pk=town.group.group_buy_id).values().get()

    told = play(live_mall, town, monkeypatch)

    for words in ("goods ¥208.00, bank −¥16.00, paid ¥192.00", "¥20.80 of commission: available"):
        assert words in told
    assert "payout of ¥20.80 as paid" in told
    assert told.endswith("steps as they should be.\n")
    assert GroupBuy.objects.filter(pk=town.group.group_buy_id).values().get() == before
    order = OrderFulfilment.objects.get()
    assert (order.status, order.group_buy_id == before["id"]) == (Status.CLOSED, False)


def test_it_names_what_was_expected_and_what_came(live_mall, town, worker, monkeypatch):
    for offer in BankOffer.objects.all():
        end(offer)

    with pytest.raises(CommandError, match=r"expected: −¥16\.00"):
        play(live_mall, town, monkeypatch)

    own = GroupBuy.objects.exclude(pk=town.group.group_buy_id).get()
    assert own.state in {State.CLOSED, State.FORMED}


def test_it_says_so_where_no_worker_runs(live_mall, town, monkeypatch):
    with pytest.raises(CommandError, match=r"after 0 good steps.*ready"):
        play(live_mall, town, monkeypatch)
