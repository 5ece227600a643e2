"""The live screen, the counting of refusals, and dry runs over what really was ordered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mall.banks.roles import Role
from mall.offerdesk.handlers import count_refusals
from mall.offerdesk.models import Rehearsal
from mall.offerdesk.rehearsal import running
from mall.offerdesk.watching import watch
from mall.ordering.models import OrderFulfilment
from mall.promotions.models import BankOffer, OfferRefusal
from mall.promotions.refusals import note_refusals
from payments.api import business_date, deliver_pending, now
from tests.factories.groups import make_person
from tests.mall.banks.making import make_bank, make_clerk
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return make_bank()


@pytest.fixture
def approver(bank) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_clerk(bank, Role.APPROVER))
    return client


def _ordered(*, payable: int = 20800, **card: object) -> OrderFulfilment:
    """An order for 208.00 with a tied card."""
    resident = make_person()
    agreement = give_card(resident, **card)
    return place(
        fill_worked(make_worked_group(), resident),
        resident,
        way=agreement.agreement_no,
        payable=payable,
    )


def test_the_screen_shows_what_is_gone_and_the_minute_it_went(bank, approver, acquirer):
    offer = make_offer(owner=bank, budget_minor=100_000)
    _ordered(payable=19200)

    answer = approver.get(reverse("admin:promotions_bankoffer_live", args=[offer.pk]))

    seen = answer.context["seen"]
    assert (seen.last_hour, seen.today, seen.today_minor) == (1, 1, 1600)
    assert len(seen.minutes) == 60
    assert [cell for _word, cell in answer.context["bars"][0].cells] == [
        "¥0",
        "¥16",
        "¥984",
        "¥1,000",
    ]


def test_an_approver_pauses_it_from_the_screen(bank, approver):
    offer = make_offer(owner=bank)
    act = reverse("admin:promotions_bankoffer_act", args=[offer.pk])

    answer = approver.post(act, {"what": "pause", "back": "live"})

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.PAUSED
    assert answer.url == reverse("admin:promotions_bankoffer_live", args=[offer.pk])
    assert approver.post(act, {"what": "end"}).status_code == 403


def test_why_a_card_did_not_get_an_offer_is_counted_after_the_order(bank, acquirer):
    taken = make_offer(owner=bank)
    high = make_offer(code="high", threshold_minor=50000, discount_minor=5000, owner=bank)
    other_card = make_offer(code="debit", kinds=["debit"], owner=bank)
    order = _ordered(payable=19200)

    deliver_pending(100)
    count_refusals({"order_no": order.order_no})

    assert OfferRefusal.objects.get().offer == high
    assert watch(high).refusals == [("below_threshold", 2)]
    assert watch(taken).refusals == watch(other_card).refusals == []


def test_the_same_reason_in_the_same_hour_is_one_row(bank):
    offer = make_offer(owner=bank)

    note_refusals({offer.pk: "used_up"})
    note_refusals({offer.pk: "used_up"})

    assert list(OfferRefusal.objects.values_list("reason", "count")) == [("used_up", 2)]


def _rehearsed(offer: BankOffer) -> dict[str, object]:
    OrderFulfilment.objects.update(paid_at=now())
    run = running.ask(
        offer, first=business_date() - timedelta(days=2), last=business_date(), by="editor"
    )
    assert run.state == Rehearsal.State.DONE
    return run.result


def test_a_dry_run_counts_what_past_orders_would_have_had(bank, acquirer):
    _ordered()
    _ordered(issuer_code="PSBC", kind="debit")
    draft = make_offer(
        code="draft",
        state=BankOffer.State.DRAFT,
        owner=bank,
        starts_at=now() + timedelta(days=3),
    )

    result = _rehearsed(draft)

    whole = result["whole"]
    assert (whole["orders"], whole["uses"], whole["discount_minor"]) == (2, 1, 1600)
    assert result["days"][str(business_date())]["uses"] == 1
    assert result["cards"]["CCB:credit"]["uses"] == 1
    assert result["refusals"] == {"wrong_card": 1}
    draft.refresh_from_db()
    assert (draft.state, draft.reserved_count) == (BankOffer.State.DRAFT, 0)


def test_a_bank_reads_nothing_of_another_banks_cards_in_its_dry_run(bank, acquirer):
    _ordered()
    _ordered(issuer_code="PSBC", kind="debit")
    _ordered(issuer_code="CMBC", kind="credit")

    told = _rehearsed(make_offer(owner=bank, issuers=[], kinds=[]))["cards"]
    everything = _rehearsed(make_offer(code="of-the-mall", issuers=[], kinds=[]))["cards"]

    assert {row: told[row]["orders"] for row in told} == {"CCB:credit": 1, "wrong_card": 2}
    assert set(everything) == {"CCB:credit", "PSBC:debit", "CMBC:credit"}


def test_a_dry_run_keeps_limits_and_budget(bank, acquirer):
    for _n in range(3):
        _ordered()

    by_day = make_offer(code="day", state="draft", owner=bank, day_limit=2)
    by_budget = make_offer(code="budget", state="draft", owner=bank, budget_minor=2000)

    assert _rehearsed(by_day)["refusals"] == {"used_up_today": 1}
    result = _rehearsed(by_budget)
    assert (result["whole"]["uses"], result["refusals"]) == (1, {"used_up": 2})
    assert result["gone_on"] == str(business_date())


def test_long_runs_are_the_workers_and_show_how_far_they_are(bank, acquirer, monkeypatch, approver):
    _ordered()
    OrderFulfilment.objects.update(paid_at=now())
    offer = make_offer(owner=bank)
    monkeypatch.setattr(running, "AT_ONCE", 0)

    run = running.ask(offer, first=business_date(), last=business_date(), by="editor")
    url = reverse("admin:promotions_bankoffer_rehearsal", args=[offer.pk])
    assert b"hx-get" in approver.get(url).content
    assert running.run_due(5) == {"rehearsed": 1}

    run.refresh_from_db()
    assert run.state == Rehearsal.State.DONE
    assert b"What this does not know" in approver.get(url).content
    table = approver.get(url, {"run": run.pk, "export": "csv"})
    assert b"1600" not in b"".join(table.streaming_content)
