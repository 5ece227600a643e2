"""Which account takes a payment: rules, the settings, priorities; and why."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.acquiring.contract import AgreementMode, Capabilities, TransferMode
from payments.acquiring.registry import ADAPTERS, forget_adapters
from payments.adapters.sandbox.adapter import CAPABILITIES
from payments.api import (
    CardNotUsableError,
    Consented,
    Money,
    Scene,
    SigningNotAvailableError,
    consent_text,
    ensure_sandbox_account,
    send_payment,
    start_binding,
)
from payments.models import AcquirerAccount, Payment, RoutingRule
from payments.services.accounts import NoAcquirerError
from payments.services.routing import (
    BIND,
    TRANSFER,
    Wish,
    choose_transfer_account,
    explain_route,
    inability_of,
    matches,
)
from tests.payments.banking import another_account, dead_account, lead
from tests.payments.desk import open_payment
from tests.payments.wallet import tie

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def plain(acquirer, monkeypatch) -> AcquirerAccount:
    """An account at a bank that has a cashier and nothing else."""
    monkeypatch.setitem(ADAPTERS, "plain", "tests.payments.banking.PlainAdapter")
    return another_account("plain", adapter="plain")


def account_of(view) -> str:
    return view.account_code


def test_without_a_rule_the_account_of_the_settings_takes_everything(acquirer):
    another_account("second", priority=1)

    assert account_of(open_payment()) == "sandbox"


@pytest.mark.parametrize(
    ("conditions", "wish", "holds"),
    [
        ({}, {}, True),
        ({"scene": "h5"}, {}, True),
        ({"scene": "native_qr"}, {}, False),
        ({"issuer_code": "CCB"}, {"issuer_code": "CCB"}, True),
        ({"issuer_code": "CCB"}, {"issuer_code": "PSBC"}, False),
        ({"card_kind": "credit"}, {"card_kind": "debit"}, False),
        ({"seller_ref": "supplier:3"}, {"seller_ref": "supplier:3"}, True),
        ({"seller_ref": "supplier:3"}, {}, False),
        ({"amount_from_minor": 10000}, {}, True),
        ({"amount_from_minor": 10001}, {}, False),
        ({"amount_to_minor": 10000}, {}, True),
        ({"amount_to_minor": 9999}, {}, False),
        ({"amount_to_minor": 9999}, {"amount": None}, False),
    ],
)
def test_a_rule_holds_when_all_its_conditions_do(conditions, wish, holds):
    asked = Wish(**{"scene": "h5", "amount": Money(10000), **wish})

    assert matches(RoutingRule(account_code="x", **conditions), asked) is holds


def test_the_first_rule_that_holds_leads(acquirer):
    another_account("second")
    another_account("third")
    lead("second", 20, amount_from_minor=19200)
    lead("third", 10, amount_from_minor=19201)

    assert account_of(open_payment()) == "second"


def test_a_rule_out_of_force_leads_nowhere(acquirer):
    another_account("second")
    lead("second", is_active=False)

    assert account_of(open_payment()) == "sandbox"


def test_a_seller_has_an_account_of_her_own(acquirer):
    another_account("hers")
    lead("hers", seller_ref="supplier:3", is_alone=True)

    hers, ours = open_payment("M1", seller_ref="supplier:3"), open_payment("M2")

    assert (hers.account_code, ours.account_code) == ("hers", "sandbox")
    assert Payment.objects.get(payment_no=hers.payment_no).seller_ref == "supplier:3"


def test_an_account_that_cannot_is_passed_over(plain):
    lead("plain")

    page, code = open_payment("M1"), open_payment("M2", scene=Scene.NATIVE_QR)

    assert (page.account_code, code.account_code) == ("plain", "sandbox")


def test_nobody_can(acquirer):
    with pytest.raises(NoAcquirerError):
        open_payment(scene=Scene.BARCODE)

    assert not Payment.objects.exists()


def test_a_tied_card_is_charged_where_it_was_tied(acquirer):
    card = tie(acquirer)
    another_account("second")
    lead("second")

    view = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card)

    assert view.account_code == "sandbox"
    assert send_payment(view.payment_no).kind == "done"


def test_a_card_tied_where_we_bank_no_more_is_not_usable(acquirer):
    card = tie(acquirer)
    AcquirerAccount.objects.update(status="verify_only")
    another = {"code": "second", "adapter": "sandbox", "merchant_id": "M9"}
    AcquirerAccount.objects.create(**another, priority=1)

    with pytest.raises(CardNotUsableError):
        open_payment(scene=Scene.CARD_TOKEN, agreement_no=card)


def test_a_card_is_tied_at_an_account_that_can(plain, settings):
    settings.LINLI_ACQUIRER_ACCOUNT = "plain"
    AcquirerAccount.objects.filter(code="sandbox").update(priority=5)

    step = start_binding(
        owner_ref="7",
        holder_phone="13800138000",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
        issuer_code="CCB",
    )

    assert step.url.startswith(AcquirerAccount.objects.get(code="sandbox").settings["base_url"])


def test_no_account_ties_cards(plain, settings):
    settings.LINLI_ACQUIRER_ACCOUNT = "plain"

    with pytest.raises(SigningNotAvailableError):
        start_binding(
            owner_ref="7",
            holder_phone="",
            return_url="",
            consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
        )


def test_payouts_leave_from_an_account_that_can_pay_out(plain, settings):
    settings.LINLI_ACQUIRER_ACCOUNT = "plain"
    lead("sandbox", scene=TRANSFER)

    assert choose_transfer_account(Money(100)).code == "sandbox"


@pytest.mark.parametrize(
    ("scene", "caps", "able"),
    [
        ("h5", CAPABILITIES, True),
        ("barcode", CAPABILITIES, False),
        (BIND, CAPABILITIES, True),
        (BIND, Capabilities(scenes=frozenset(), agreement=AgreementMode.NONE), False),
        (TRANSFER, CAPABILITIES, True),
        (TRANSFER, Capabilities(scenes=frozenset(), transfer=TransferMode.NONE), False),
        ("h5", Capabilities(scenes=frozenset({Scene.H5}), currencies=frozenset({"USD"})), False),
    ],
)
def test_what_an_acquirer_can_decides(scene, caps, able):
    assert (not inability_of(caps, Wish(scene=scene, amount=Money(1)))) is able


def test_the_route_is_explained(plain):
    dead_account("second", priority=7)
    another_account("old", status="verify_only")
    another_account("spare")
    lead("plain", 10)

    told = explain_route(Wish(scene="native_qr", amount=Money(19200)))

    assert [(row.account.code, str(row.led_by), str(row.obstacle)) for row in told] == [
        ("plain", "rule 10: plain", "it does not offer this way of paying"),
        ("sandbox", "the account of the settings", ""),
        ("second", "its priority 7", ""),
        ("old", "", "it is not in use"),
        ("spare", "", "no rule leads here and it has no priority"),
    ]
    assert [row.account.code for row in told if row.is_free] == ["sandbox", "second"]


def test_an_account_whose_keys_are_gone_is_passed_over(acquirer):
    another_account("broken", keys={})
    lead("broken")

    told = explain_route(Wish(scene="h5", amount=Money(1)))

    assert str(told[0].obstacle).startswith("it is set up wrongly: ")
    assert account_of(open_payment()) == "sandbox"


def test_opening_a_payment_asks_the_database_the_same_few_questions(acquirer):
    open_payment("M0")
    with CaptureQueriesContext(
        connection,
    ) as with_one:
        open_payment("M1")
    for number in range(5):
        another_account(f"more-{number}", priority=number)
        lead(f"more-{number}", scene="app")
    forget_adapters()
    with CaptureQueriesContext(connection) as with_many:
        open_payment("M2")

    assert len(with_many) == len(with_one)
    assert len([q for q in with_one if q["sql"].startswith("SELECT")]) <= 6


def test_setting_the_sandbox_up_again_changes_no_priority(acquirer):
    AcquirerAccount.objects.update(priority=3)
    AcquirerAccount.objects.update(settings={"base_url": "http://127.0.0.1:9"})

    assert ensure_sandbox_account().priority == 3
