"""Tied cards: signed on the bank's page, asked about, never believed from a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import jobs
from payments.acquiring.contract import AgreementRef
from payments.acquiring.registry import forget_adapters
from payments.api import (
    SigningNotAvailableError,
    TooManyCardsTriedError,
    UnknownNumberError,
    agreement_view,
    agreements_of,
    ensure_sandbox_account,
    finish_binding,
    set_default_agreement,
    start_binding,
    unbind,
)
from payments.models import AcquirerAccount, CardAgreement, OutboxEvent
from payments.services.tying_limits import TRIES_A_DAY
from tests import acquirer as cards
from tests.payments.desk import told
from tests.payments.wallet import agreed, tie
from tests.waiting import until

HOLDER = {
    "holder_phone": "13800138000",
    "return_url": "http://127.0.0.1/cards/",
}


def _without_bank() -> None:
    account = AcquirerAccount.objects.get()
    account.settings = {**account.settings, "base_url": "http://127.0.0.1:9"}
    account.save(update_fields=["settings"])
    forget_adapters()


def test_a_card_is_known_by_everything_but_its_number(acquirer):
    view = agreement_view(tie(acquirer, cards.CCB_CREDIT))

    row = CardAgreement.objects.get()
    assert (view.last4, view.issuer_code, view.kind, view.scheme) == (
        cards.CCB_CREDIT[-4:],
        "CCB",
        "credit",
        "unionpay_single",
    )
    assert view.is_default is True
    assert (row.consent_ip, len(row.bin) <= 8) == ("127.0.0.1", True)
    everything = str(list(CardAgreement.objects.values())) + str(list(row.facts.values()))
    assert cards.CCB_CREDIT not in everything
    assert "13800138000" not in everything


def test_coming_back_without_signing_ties_nothing(acquirer):
    step = start_binding(owner_ref="7", consent=agreed(), **HOLDER)

    assert finish_binding(step.agreement_no).status == "pending"
    assert agreements_of("7") == []


def test_what_is_never_signed_ends_after_an_hour(acquirer):
    step = start_binding(owner_ref="7", consent=agreed(), **HOLDER)
    past = timezone.now() - timedelta(hours=2)
    CardAgreement.objects.update(created_at=past, next_action_at=past)

    assert jobs.run_agreements() == {"failed": 1}
    assert agreement_view(step.agreement_no).failure_code == "not_opened"


def test_the_first_card_is_the_default_and_another_may_become_it(acquirer):
    first, second = tie(acquirer, cards.CCB_CREDIT), tie(acquirer, cards.PSBC_DEBIT)

    assert [card.agreement_no for card in agreements_of("7")] == [first, second]
    set_default_agreement(second, "7")

    assert [card.agreement_no for card in agreements_of("7")] == [second, first]
    with pytest.raises(UnknownNumberError):
        set_default_agreement(first, "8")


def test_the_same_card_of_two_people_has_one_fingerprint(acquirer):
    mine, hers = tie(acquirer, owner="7"), tie(acquirer, owner="8")

    assert agreement_view(mine).fingerprint == agreement_view(hers).fingerprint != ""


def test_untying_ends_it_at_the_bank_and_the_next_card_becomes_the_default(acquirer):
    first, second = tie(acquirer, cards.CCB_CREDIT), tie(acquirer, cards.PSBC_DEBIT)

    view = unbind(first, "7")

    there = acquirer.adapter().query_agreement(AgreementRef(first))
    assert (view.status, there.status) == ("ended", "revoked_by_user")
    assert [(c.agreement_no, c.is_default) for c in agreements_of("7")] == [(second, True)]
    assert unbind(first, "7").status == "ended"
    assert told() == ["agreement.signed", "agreement.signed", "agreement.revoked"]


def test_nobody_unties_the_card_of_another(acquirer):
    card = tie(acquirer)

    with pytest.raises(UnknownNumberError):
        unbind(card, "8")

    assert agreement_view(card).status == "active"


def test_untying_while_the_bank_is_away_holds_here_and_is_finished_by_the_jobs(acquirer):
    card = tie(acquirer)
    _without_bank()

    assert unbind(card, "7").status == "unbinding"
    assert agreements_of("7") == []
    AcquirerAccount.objects.update(settings=ensure_sandbox_account().settings)
    forget_adapters()
    CardAgreement.objects.update(next_action_at=timezone.now(), queried_at=None)

    assert jobs.run_agreements() == {"ended": 1}


def test_a_bank_that_is_away_cannot_be_asked_for_its_page(acquirer):
    _without_bank()

    with pytest.raises(SigningNotAvailableError):
        start_binding(owner_ref="7", consent=agreed(), **HOLDER)

    assert CardAgreement.objects.get().status == "failed"


def test_tries_a_day_are_counted_by_the_database(acquirer):
    for _ in range(TRIES_A_DAY):
        start_binding(owner_ref="7", consent=agreed(), **HOLDER)

    with pytest.raises(TooManyCardsTriedError):
        start_binding(owner_ref="7", consent=agreed(), **HOLDER)

    assert CardAgreement.objects.count() == TRIES_A_DAY
    assert start_binding(owner_ref="8", consent=agreed(), **HOLDER).url


@pytest.mark.django_db(transaction=True)
def test_a_card_untied_at_the_bank_is_gone_here_too(acquirer, live_server, settings):
    settings.SITE_URL = live_server.url
    card = tie(acquirer)

    acquirer.adapter().unbind(AgreementRef(card))

    until(lambda: agreement_view(card).status == "ended")
    assert OutboxEvent.objects.get(fact="agreement.revoked").payload == {
        "agreement_no": card,
        "owner_ref": "7",
        "reason": "revoked_by_user",
    }
