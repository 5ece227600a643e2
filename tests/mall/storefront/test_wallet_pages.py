"""A resident's wallet: what each card can do, what became of it, and what to do about it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from mall.accounts.models import Consent
from mall.ordering.payer import payer_ref
from payments.api import agreements_of, consent_text, finish_binding
from payments.models import CardAgreement, ConsentText
from tests.acquirer import CCB_CREDIT, PSBC_DEBIT
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place
from tests.payments.wallet import tie

pytestmark = pytest.mark.django_db(transaction=True)
WALLET = "/cards/"


@pytest.fixture
def resident(acquirer):
    return make_person("李小娟", phone="+8613912341234")


@pytest.fixture
def client(resident) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    client.force_login(resident)
    return client


def text_of(client: Client, url: str = WALLET) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", page.content.decode())


def begin(client: Client, **changes: str):
    form = {"consent": "on", "text": consent_text("en").sha256, **changes}
    return client.post("/cards/tie/", form)


def card(resident, **columns) -> CardAgreement:
    row = CardAgreement.objects.get(owner_ref=payer_ref(resident.pk))
    CardAgreement.objects.filter(pk=row.pk).update(**columns)
    return row


def test_an_empty_wallet_says_what_to_do(client):
    shown = text_of(client)

    assert "No card tied yet" in shown
    assert consent_text("en").text.splitlines()[0] in shown


def test_a_card_is_shown_with_bank_kind_digits_end_and_offers(client, resident, acquirer):
    tie(acquirer, owner=payer_ref(resident.pk))

    shown = text_of(client)

    ends = timezone.localtime(CardAgreement.objects.get().expires_at)
    for words in (CCB_CREDIT[-4:], "Credit card", "Default", f"{ends:%m/%Y}", 'href="/offers/"'):
        assert words in shown


def test_what_was_agreed_to_is_kept_with_the_signing(client):
    answer = begin(client)

    row = CardAgreement.objects.get()
    assert answer.url == row.step_url
    assert row.consent_sha256 == consent_text("en").sha256
    assert Consent.objects.get().version == row.consent_version
    assert (row.consent_ip, row.consented_at is not None) == ("127.0.0.1", True)


@pytest.mark.parametrize("form", [{"consent": ""}, {"text": ""}, {"text": "0" * 64}])
def test_without_the_text_in_force_no_signing_begins(client, form):
    assert begin(client, **form).url == WALLET

    assert CardAgreement.objects.exists() is False


def test_a_browser_that_kept_its_name_is_counted_by_it(client):
    client.get(WALLET)

    begin(client)

    assert len(CardAgreement.objects.get().device) > 8


def test_back_from_the_bank_the_page_asks_until_it_is_known(client, acquirer):
    step = begin(client).url
    waiting = client.get("/cards/tied/")
    assert urlsplit(waiting.url).query.startswith("asking=1")

    shown = text_of(client, waiting.url)
    assert "Waiting for the bank" in shown
    poll = re.search(r'hx-get="([^"]+)"', shown)[1].replace("&amp;", "&")
    assert "asking=2" in poll
    acquirer.tie_card(step, CCB_CREDIT)
    CardAgreement.objects.update(queried_at=None)

    shown = text_of(client, poll)

    assert "Waiting for the bank" not in shown
    assert f"ending in {CCB_CREDIT[-4:]} is tied" in shown


def test_a_signing_the_bank_ended_without_a_card_is_said_to_have_failed(client):
    begin(client)
    past = timezone.now() - timedelta(hours=2)
    assert "was not tied" not in text_of(client, "/cards/?asking=1")
    CardAgreement.objects.update(created_at=past, queried_at=None)
    finish_binding(CardAgreement.objects.get().agreement_no)

    assert "The card was not tied. You can try again" in text_of(client, "/cards/?asking=2")
    assert "was not tied" not in text_of(client)


def test_after_a_minute_the_page_stops_asking(client):
    begin(client)

    shown = text_of(client, "/cards/?asking=20")

    assert "The bank is taking its time" in shown
    assert "hx-trigger" not in shown.split('id="signing"')[1].split("</section>")[0]


def test_a_signing_can_be_given_up(client):
    begin(client)
    number = CardAgreement.objects.get().agreement_no
    assert "Go on at the bank" in text_of(client)

    client.post(f"/cards/{number}/untie/")

    assert "Go on at the bank" not in text_of(client)
    assert CardAgreement.objects.get().status == "ended"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"status": "suspended", "is_default": False}, "Your bank has suspended payments"),
        ({"status": "unbinding", "is_default": False}, "Being untied."),
        (
            {"status": "ended", "is_default": False, "end_reason": "revoked_by_issuer"},
            "Your bank ended the permission",
        ),
        (
            {"status": "ended", "is_default": False, "end_reason": "revoked_by_user"},
            "was ended at the bank",
        ),
        ({"status": "ended", "is_default": False, "end_reason": "expired"}, "ended on"),
    ],
)
def test_a_card_that_cannot_be_charged_says_why_and_what_to_do(
    client, resident, acquirer, columns, words
):
    tie(acquirer, owner=payer_ref(resident.pk))
    card(resident, ended_at=timezone.now(), **columns)

    shown = text_of(client)

    assert "Cards you cannot pay with now" in shown
    assert words in shown
    assert "Use this card by default" not in shown


def test_a_card_past_its_time_is_not_to_be_paid_with_and_one_near_it_warns(
    client, resident, acquirer
):
    tie(acquirer, owner=payer_ref(resident.pk))
    card(resident, expires_at=timezone.now() + timedelta(days=20))
    assert "Tie the card again after that day." in text_of(client)

    card(resident, expires_at=timezone.now() - timedelta(days=1))

    assert "so it is not offered when you pay" in text_of(client)
    assert agreements_of(payer_ref(resident.pk)) == []


def test_a_card_tied_again_is_told_of_once(client, resident, acquirer):
    tie(acquirer, owner=payer_ref(resident.pk))
    card(resident, status="ended", is_default=False, end_reason="expired", ended_at=timezone.now())

    tie(acquirer, owner=payer_ref(resident.pk))

    assert "Cards you cannot pay with now" not in text_of(client)


def test_untying_says_what_it_means_for_unpaid_orders(client, resident, acquirer):
    number = tie(acquirer, owner=payer_ref(resident.pk))
    order = place(fill_worked(make_worked_group(), resident), resident)
    type(order).objects.filter(pk=order.pk).update(agreement_no=number)

    shown = text_of(client)

    assert "1 unpaid order was to be paid with this card" in shown
    assert "does not count as the first time" in shown


def test_another_card_becomes_the_default(client, resident, acquirer):
    owner = payer_ref(resident.pk)
    first, second = tie(acquirer, owner=owner), tie(acquirer, PSBC_DEBIT, owner=owner)

    client.post(f"/cards/{second}/default/")

    assert [c.agreement_no for c in agreements_of(owner)] == [second, first]


def test_many_tries_are_refused_without_a_reason(client, settings):
    for _ in range(10):
        begin(client)

    answer = client.post("/cards/tie/", {"consent": "on", "text": consent_text("en").sha256})

    assert answer.url == WALLET
    assert "You have tried to tie cards too often today." in text_of(client)


def test_without_any_text_no_card_can_be_tied_and_the_page_says_so(client):
    ConsentText.objects.all().delete()

    assert "Cards cannot be tied right now." in text_of(client)


def test_a_wallet_asks_as_much_for_many_cards_as_for_few(
    client, resident, acquirer, django_assert_max_num_queries
):
    owner = payer_ref(resident.pk)
    for number in (CCB_CREDIT, PSBC_DEBIT):
        finish_binding(tie(acquirer, number, owner=owner))
    client.get(WALLET)

    with django_assert_max_num_queries(14):
        client.get(WALLET)
