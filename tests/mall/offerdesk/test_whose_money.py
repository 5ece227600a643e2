"""A bank's people decide about their own bank's money; the mall's about what the mall gives."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from mall.banks.roles import Role
from mall.banks.spending import may_spend
from mall.promotions.approvals import Action, propose
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER
from tests.mall.banks.making import make_bank, make_branch, make_clerk
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db

OWN = [{"funder": "bank", "percent": 100}]
SHARED = [{"funder": "bank", "percent": 50}, {"funder": "platform", "percent": 50}]


@pytest.fixture
def branch():
    return make_branch(make_bank())


def _client(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def _proposed(branch, funding) -> Proposal:
    offer = make_offer(
        state=BankOffer.State.DRAFT, owner=branch, funding=funding, budget_minor=100_000
    )
    return propose(Action.LAUNCH, kind=OFFER, pk=offer.pk, by="editor")


def _decide(client: Client, proposal: Proposal) -> int:
    url = f"/admin/promotions/proposal/{proposal.pk}/decide/"
    return client.post(url, {"what": "approve"}).status_code


def test_a_banks_approver_launches_what_her_bank_pays(branch):
    proposal = _proposed(branch, OWN)

    assert _decide(_client(make_clerk(branch, Role.APPROVER)), proposal) == 302
    assert BankOffer.objects.get().state == BankOffer.State.ACTIVE


def test_what_the_mall_pays_a_part_of_is_decided_by_the_mall(branch):
    proposal = _proposed(branch, SHARED)
    approver = _client(make_clerk(branch, Role.APPROVER))

    assert _decide(approver, proposal) == 403
    page = approver.get(f"/admin/promotions/proposal/{proposal.pk}/change/").content.decode()
    assert "somebody of the mall decides it" in page
    assert BankOffer.objects.get().state == BankOffer.State.DRAFT

    operator = get_user_model().objects.create_superuser(username="operator", password="x")
    assert _decide(_client(operator), proposal) == 302
    assert BankOffer.objects.get().state == BankOffer.State.ACTIVE


def test_where_one_person_is_enough_it_is_one_whose_money_it_is(branch, settings):
    settings.LINLI_OFFERS_FOUR_EYES = False
    offer = make_offer(state=BankOffer.State.DRAFT, owner=branch, funding=SHARED)
    editor = _client(make_clerk(branch, Role.EDITOR))

    answer = editor.post(f"/admin/promotions/bankoffer/{offer.pk}/act/", {"what": "launch"})

    assert answer.status_code == 403
    assert BankOffer.objects.get().state == BankOffer.State.DRAFT


@pytest.mark.parametrize(
    ("funding", "expected"),
    [
        (OWN, True),
        ([{"funder": "bank", "ref": "CCB:autumn", "percent": 100}], True),
        ([{"funder": "bank", "ref": "ICBC:autumn", "percent": 100}], False),
        ([{"funder": "government", "ref": "CCB", "percent": 100}], False),
        (SHARED, False),
    ],
    ids=["its own", "its campaign", "another bank's", "an authority's", "shared"],
)
def test_whose_money_a_banks_person_may_spend(branch, funding, expected):
    assert may_spend(make_clerk(branch, Role.APPROVER), funding) is expected
