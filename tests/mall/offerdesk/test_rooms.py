"""Every page, list, filter, export and act of the desk, tried by a person of another unit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import reverse

from mall.accounts.models import User
from mall.banks.roles import Role
from mall.offerdesk.rehearsal.running import ask
from mall.promotions.approvals import Action, propose
from mall.promotions.models import BankOffer, OfferReservation, Proposal
from mall.promotions.offer_approvals import OFFER
from payments.api import business_date, now
from tests.factories.groups import make_person
from tests.mall.banks.making import make_bank, make_branch, make_clerk
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
PAGES = ("change", "edit", "act", "live", "live_now", "tester", "rehearsal", "versions")
BUILT_IN = ("history", "delete")
SECRET = "宁波专享满200减16"


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def bank():
    return make_bank()


@pytest.fixture
def ningbo(bank):
    return make_branch(bank, "宁波分行")


@pytest.fixture
def hangzhou(bank):
    return make_branch(bank, "杭州分行")


@pytest.fixture
def secret(ningbo) -> BankOffer:
    """An offer of Ningbo's, with a use, a proposal and a dry run."""
    offer = make_offer(code="ningbo-16", name=SECRET, owner=ningbo, budget_minor=100_000)
    OfferReservation.objects.create(
        offer=offer,
        order_no="M2026112200001",
        resident=make_person(),
        agreement_no="A1",
        business_date=business_date(),
        discount_minor=1600,
        reserved_at=now(),
    )
    propose(Action.BUDGET, kind=OFFER, pk=offer.pk, by="ningbo", budget_minor=200_000)
    ask(offer, first=business_date() - timedelta(days=3), last=business_date(), by="ningbo")
    return offer


@pytest.fixture
def stranger(hangzhou) -> Client:
    """A person of another branch with every role."""
    return _signed_in(make_clerk(hangzhou, *Role.values))


@pytest.fixture
def insider(bank) -> Client:
    """A person of the bank above, with every role."""
    return _signed_in(make_clerk(bank, *Role.values))


def _urls(offer: BankOffer) -> list[str]:
    own = [reverse(f"admin:promotions_bankoffer_{page}", args=[offer.pk]) for page in PAGES]
    proposal, use = Proposal.objects.get(status="proposed"), OfferReservation.objects.get()
    return [
        *own,
        f"{own[5]}?issuer=CCB&kind=credit&scheme=unionpay_single&amount=208",
        f"{own[6]}?run={offer.rehearsals.get().pk}&export=csv",
        reverse("admin:promotions_proposal_change", args=[proposal.pk]),
        reverse("admin:promotions_proposal_history", args=[proposal.pk]),
        reverse("admin:promotions_offerreservation_change", args=[use.pk]),
        reverse("admin:promotions_offerreservation_history", args=[use.pk]),
        *(reverse(f"admin:promotions_bankoffer_{page}", args=[offer.pk]) for page in BUILT_IN),
        reverse("admin:banks_bankunit_change", args=[offer.owner_id]),
    ]


def test_a_guessed_address_of_another_unit_opens_nothing(secret, stranger):
    for url in _urls(secret):
        answer = stranger.get(url)

        # Django's own pages lead back to the list with "perhaps it was deleted".
        assert answer.status_code in {302, 403, 404}, url
        assert SECRET not in answer.content.decode(), url


def test_the_bank_above_opens_them(secret, insider):
    refused = [url for url in _urls(secret) if insider.get(url).status_code != 200]

    # Asked without saying what; a launched offer is neither edited nor deleted.
    act, edit, delete = (
        reverse(f"admin:promotions_bankoffer_{page}", args=[secret.pk])
        for page in ("act", "edit", "delete")
    )
    assert set(refused) == {act, edit, delete}


QUERIES = ("", "?q=宁波", "?q=ningbo", "?state__exact=active", "?waiting=1", "?unit={}", "?o=2")


@pytest.mark.parametrize(
    "model",
    [
        "promotions_bankoffer",
        "promotions_proposal",
        "promotions_offerreservation",
        "banks_bankunit",
        "banks_bankstaff",
    ],
)
def test_no_list_filter_or_search_tells_of_another_unit(secret, stranger, model):
    for template in QUERIES:
        query = template.format(secret.owner.code)
        url = reverse(f"admin:{model}_changelist") + query

        shown = stranger.get(url, follow=True).content.decode()

        for word in (SECRET, "宁波分行", "M2026112200001"):
            assert word not in shown, url


def test_an_export_holds_only_what_she_may_see(secret, stranger, insider):
    url = reverse("admin:promotions_offerreservation_changelist")
    use = OfferReservation.objects.get()
    said = {"action": "as_csv", "_selected_action": [use.pk], "select_across": "1"}

    strangers = stranger.post(url, said)
    insiders = insider.post(url, said)

    body = b"".join(strangers.streaming_content) if strangers.streaming else strangers.content
    assert b"M2026112200001" not in body
    assert b"M2026112200001" in b"".join(insiders.streaming_content)


def test_nobody_acts_on_another_units_offers(secret, stranger):
    act = reverse("admin:promotions_bankoffer_act", args=[secret.pk])
    decide = reverse(
        "admin:promotions_proposal_decide", args=[Proposal.objects.get(status="proposed").pk]
    )

    for what in ("pause", "end", "budget", "new_version"):
        assert stranger.post(act, {"what": what, "budget": "1"}).status_code == 404
    assert stranger.post(decide, {"what": "approve"}).status_code == 404

    secret.refresh_from_db()
    assert (secret.state, secret.budget_minor) == (BankOffer.State.ACTIVE, 100_000)
    assert BankOffer.objects.count() == 1


def test_the_tester_over_all_offers_and_the_units_offered_are_her_own(secret, stranger):
    url = reverse("admin:promotions_bankoffer_all_tester")
    said = "?kind=credit&scheme=unionpay_single&issuer=CCB&amount=208&tied_days_ago=0"
    said += "&at=2026-11-25T10:00&had_today=0&had_this_month=0&had_in_all=0"

    tried = stranger.get(url + said).content.decode()
    editor = stranger.get(reverse("admin:promotions_bankoffer_add")).content.decode()

    assert SECRET not in tried
    assert "宁波分行" not in editor
    assert "杭州分行" in editor


def test_a_draft_is_not_written_for_another_unit(ningbo, stranger, offer_said):
    stranger.post(
        reverse("admin:promotions_bankoffer_add"), offer_said(owner=ningbo.pk), follow=True
    )

    assert not BankOffer.objects.exists()


@pytest.mark.parametrize(
    ("roles", "pages"),
    [
        ((Role.VIEWER,), {"change": 200, "live": 200, "edit": 403, "act": 403}),
        ((Role.APPROVER,), {"change": 200, "live": 200, "edit": 403, "act": 200}),
        ((Role.EDITOR,), {"change": 200, "live": 200, "edit": 302, "act": 200}),
        ((), {"change": 404, "live": 404, "edit": 404, "act": 404}),
    ],
)
def test_roles_open_what_they_say(secret, ningbo, roles, pages):
    client = _signed_in(make_clerk(ningbo, *roles))

    for page, status in pages.items():
        url = reverse(f"admin:promotions_bankoffer_{page}", args=[secret.pk])
        assert client.get(url, {"what": "pause"}).status_code == status, page


def test_whatever_a_banks_person_may_list_is_narrowed_to_her_unit(hangzhou, rf):
    """A room that opens itself to banks without asking whose rows they are is found here."""
    request = rf.get("/admin/")
    request.user = make_clerk(hangzhou, *Role.values)
    open_to_her = {
        model._meta.label: str(model_admin.get_queryset(request).query)
        for model, model_admin in site._registry.items()
        if model_admin.has_view_permission(request)
    }

    assert {"promotions.BankOffer", "vouchers.VoucherBatch", "claims.SubsidyClaim"} <= {
        *open_to_her
    }
    unscoped = {label for label, query in open_to_her.items() if hangzhou.path not in query}
    assert unscoped == set()
