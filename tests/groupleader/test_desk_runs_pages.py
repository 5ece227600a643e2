"""Many paid or settled at once are a run of the worker's: with progress, each once, and reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from groupleader.admin import runs
from groupleader.models import DeskRun, DeskRunRow, Payout, SettlementStatement
from groupleader.payout_errors import PayeeFrozenError
from groupleader.services.desk_runs import carry_out_runs, progress_of, start_run
from payments.api import now
from tests.groupleader.making import line, make_leader, make_user, settled_order
from tests.groupleader.paying import approved, broken_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(make_user("出纳", is_staff=True))
    return client


def test_a_large_choice_is_a_run_that_shows_how_far_it_is(clerk, acquirer, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    good, frozen = approved(make_leader("甲")), approved(make_leader("乙"))
    page = clerk.post(reverse("admin:groupleader_to_pay"), {"what": "pay", "all": "1"})
    run = DeskRun.objects.get()
    url = reverse("admin:groupleader_desk_run", args=[run.pk])
    assert page.url == url
    assert "0 / 2" in clerk.get(url).content.decode()
    for desk in ("groupleader_to_pay", "groupleader_calendar"):
        assert url in clerk.get(reverse(f"admin:{desk}")).content.decode()

    type(frozen.leader).objects.filter(pk=frozen.leader_id).update(payee_frozen_at=now())
    assert carry_out_runs(1) == {"done": 1}
    part = clerk.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "1 / 2" in part
    assert "<html" not in part
    assert f'hx-get="{url}"' in part
    assert carry_out_runs(10) == {"done": 0, "refused": 1}

    whole = clerk.get(url).content.decode()
    assert f'hx-get="{url}"' not in whole
    assert str(PayeeFrozenError.message) in whole
    assert frozen.statement_no in whole
    assert Payout.objects.get().statement == good
    assert broken_rules() == []


def test_a_second_click_takes_nothing_twice_and_a_dead_worker_pays_nothing_twice(acquirer):
    clerk, statement = make_user("出纳", is_staff=True), approved()
    run = start_run(kind="pay", things=[statement], by=clerk)
    assert start_run(kind="pay", things=[statement], by=clerk) is None

    carry_out_runs(10)
    DeskRunRow.objects.update(outcome="waiting")
    carry_out_runs(10)

    assert progress_of(run).went_well == 1
    assert Payout.objects.count() == 1


def test_many_leaders_are_settled_by_a_run(clerk, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    leaders = [make_leader("甲"), make_leader("乙")]
    settled_order(leaders[0], [line("A", 3_000)])
    changelist = reverse("admin:groupleader_leader_changelist")
    said = {"action": "cut_now", "_selected_action": [leader.pk for leader in leaders]}

    page = clerk.post(changelist, said)
    carry_out_runs(10)

    run = DeskRun.objects.get()
    assert page.url == reverse("admin:groupleader_desk_run", args=[run.pk])
    assert SettlementStatement.objects.get().leader == leaders[0]
    assert (progress_of(run).went_well, progress_of(run).refused) == (1, 1)


def test_the_calendar_says_how_many_are_still_to_be_cut(clerk):
    leader = make_leader(settlement_period="day")
    settled_order(leader, [line("A", 3_000)])
    calendar = reverse("admin:groupleader_calendar")
    assert clerk.get(calendar).context["still_to_cut"] == 0

    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert clerk.get(calendar).context["still_to_cut"] == 1


def test_a_run_of_another_clerk_is_not_found_without_the_permission(clerk):
    run = start_run(kind="cut", things=[make_leader()], by=make_user("甲", is_staff=True))
    other = make_user("乙", is_staff=True)
    type(other).objects.filter(pk=other.pk).update(is_superuser=False)
    client = Client()
    client.force_login(type(other).objects.get(pk=other.pk))
    url = reverse("admin:groupleader_desk_run", args=[run.pk])

    assert client.get(url).status_code == 404
    assert clerk.get(url).status_code == 200
