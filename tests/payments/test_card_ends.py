"""How a tied card ends or pauses: suspended, revoked by its bank, past its time, asked about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import jobs
from payments.acquiring.contract import AgreementRef
from payments.api import (
    CardNotUsableError,
    Scene,
    UnknownNumberError,
    agreement_view,
    agreements_of,
    finish_binding,
    send_payment,
    set_default_agreement,
    signing_under_way,
    start_binding,
    unbind,
    wallet_of,
)
from payments.models import CardAgreement
from payments.services.stale import ask_soon
from tests import acquirer as cards
from tests.payments.cards_desk import Said, begun, hear, signed
from tests.payments.desk import open_payment, told
from tests.payments.wallet import agreed, tie
from tests.waiting import until

NOW = timezone.now


def expired(agreement_no: str) -> None:
    CardAgreement.objects.filter(agreement_no=agreement_no).update(
        expires_at=NOW() - timedelta(minutes=1)
    )


def run_jobs() -> None:
    jobs.review_cards()
    CardAgreement.objects.filter(next_action_at__isnull=False).update(queried_at=None)
    jobs.run_agreements()


def test_the_bank_says_until_when_it_may_be_charged(acquirer):
    view = agreement_view(tie(acquirer))

    assert timedelta(days=1090) < view.expires - NOW() < timedelta(days=1100)


def test_a_card_past_its_time_is_not_offered_and_not_charged(acquirer):
    old, other = tie(acquirer), tie(acquirer, cards.PSBC_DEBIT)
    expired(old)

    assert [card.agreement_no for card in agreements_of("7")] == [other]
    assert [card.agreement_no for card in wallet_of("7")] == [other, old]
    with pytest.raises(UnknownNumberError):
        set_default_agreement(old, "7")
    with pytest.raises(CardNotUsableError):
        open_payment(scene=Scene.CARD_TOKEN, agreement_no=old)


def test_a_card_the_bank_says_ran_out_ends_and_the_next_is_the_default(account):
    old = signed(account, expires_at=NOW() + timedelta(days=1))
    new = signed(account, fingerprint="F2")

    hear(old, Said.EXPIRED)

    new.refresh_from_db()
    assert (old.status, old.end_reason, new.is_default) == ("ended", "expired", True)
    assert told()[-1] == "agreement.revoked"


@pytest.mark.django_db(transaction=True)
def test_the_job_asks_and_ends_what_is_past_its_time(acquirer):
    old = tie(acquirer)
    acquirer.told(f"/_sim/expire/{old}")
    expired(old)

    run_jobs()

    view = agreement_view(old)
    assert (view.status, view.end_reason) == ("ended", "expired")
    assert wallet_of("7")[0].agreement_no == old


def test_the_job_takes_a_later_end_from_the_bank(acquirer):
    card = tie(acquirer)
    until_then = agreement_view(card).expires
    expired(card)

    run_jobs()

    view = agreement_view(card)
    assert (view.status, view.expires) == ("active", until_then)
    assert CardAgreement.objects.get().next_action_at is None


def test_a_bank_that_was_silent_for_a_week_is_asked_whether_the_card_still_is(acquirer):
    card = tie(acquirer)
    with acquirer.fault("notify_never", number=card):
        acquirer.told(f"/_sim/revoke/{card}", {"by": "issuer"})
    assert jobs.review_cards()["asked_about"] == 0
    long_ago = NOW() - timedelta(days=8)
    CardAgreement.objects.update(queried_at=long_ago, signed_at=long_ago)

    run_jobs()

    view = agreement_view(card)
    assert (view.status, view.end_reason) == ("ended", "revoked_by_issuer")


def test_a_card_whose_bank_does_not_answer_stays_and_is_asked_about_later(acquirer):
    card = tie(acquirer)
    expired(card)
    with acquirer.fault("drop_before_execute", route="GET /v1/agreements/{agreement_no}"):
        run_jobs()

    row = CardAgreement.objects.get(agreement_no=card)
    assert (row.status, row.next_action_at > NOW()) == ("active", True)
    assert agreements_of("7") == []


@pytest.mark.django_db(transaction=True)
def test_a_card_is_suspended_and_goes_on(acquirer, live_server, settings):
    settings.SITE_URL = live_server.url
    card, other = tie(acquirer), tie(acquirer, cards.PSBC_DEBIT)

    acquirer.told(f"/_sim/suspend/{card}")
    until(lambda: agreement_view(card).status == "suspended")
    assert [(c.agreement_no, c.is_default) for c in agreements_of("7")] == [(other, True)]
    assert {c.agreement_no: c.status for c in wallet_of("7")}[card] == "suspended"
    acquirer.told(f"/_sim/resume/{card}")

    until(lambda: agreement_view(card).status == "active")
    assert told().count("agreement.signed") == 2
    assert "agreement.revoked" not in told()


@pytest.mark.django_db(transaction=True)
def test_a_card_its_bank_revoked_is_told_of_for_a_month(acquirer, live_server, settings):
    settings.SITE_URL = live_server.url
    card = tie(acquirer)

    acquirer.told(f"/_sim/revoke/{card}", {"by": "issuer"})

    until(lambda: agreement_view(card).status == "ended")
    assert agreement_view(card).end_reason == "revoked_by_issuer"
    assert [c.agreement_no for c in wallet_of("7")] == [card]
    CardAgreement.objects.update(ended_at=NOW() - timedelta(days=31))
    assert wallet_of("7") == []


def test_what_she_untied_herself_is_not_told_of(acquirer):
    unbind(tie(acquirer), "7")

    assert wallet_of("7") == []


def test_a_suspended_card_can_be_untied_here_and_there(acquirer):
    card = tie(acquirer)
    acquirer.told(f"/_sim/suspend/{card}")
    CardAgreement.objects.update(status="suspended", is_default=False)

    assert unbind(card, "7").status == "ended"
    assert acquirer.adapter().query_agreement(AgreementRef(card)).status == "revoked_by_user"


def test_a_charge_the_bank_refuses_for_want_of_an_agreement_raises_the_question(acquirer):
    card = tie(acquirer)
    payment = open_payment(scene=Scene.CARD_TOKEN, agreement_no=card)
    with acquirer.fault("notify_never", number=card):
        acquirer.told(f"/_sim/revoke/{card}")

    assert send_payment(payment.payment_no).view.status == "failed"

    CardAgreement.objects.update(queried_at=None)
    assert jobs.run_agreements() == {"ended": 1}


def test_a_signing_is_under_way_until_it_is_decided(acquirer):
    step = start_binding(
        owner_ref="7",
        holder_phone="13800138000",
        return_url="http://127.0.0.1/cards/",
        consent=agreed(),
    )

    assert signing_under_way("7").url == step.url
    assert signing_under_way("8") is None
    acquirer.tie_card(step.url, cards.CCB_CREDIT)
    finish_binding(step.agreement_no)
    assert signing_under_way("7") is None


def test_a_suspended_card_is_asked_about_daily_and_not_hourly(acquirer):
    card = tie(acquirer)
    acquirer.told(f"/_sim/suspend/{card}")
    CardAgreement.objects.update(
        status="suspended", is_default=False, queried_at=NOW() - timedelta(days=2)
    )

    assert jobs.review_cards()["asked_about"] == 1
    CardAgreement.objects.update(queried_at=None)
    assert jobs.run_agreements() == {"suspended": 1}

    assert CardAgreement.objects.get().next_action_at is None
    assert jobs.review_cards()["asked_about"] == 0


@pytest.mark.django_db
def test_a_notice_too_old_to_be_judged_raises_a_doubt(account):
    card = signed(account)

    ask_soon([("agreement", card.agreement_no)])

    card.refresh_from_db()
    assert card.next_action_at is not None


def test_a_suspension_heard_before_the_signing_is_a_signing(account):
    agreement = begun(account)

    hear(agreement, Said.SUSPENDED)
    hear(agreement, Said.ACTIVE)

    assert (agreement.status, told()) == ("active", ["agreement.signed"])


def test_a_further_banks_card_is_tied_and_agrees_with_our_table(acquirer):
    bins = {"622230": 16, "622202": 19, "622908": 18, "621626": 19, "622252": 16}
    numbers = [cards.card_number(bin_, length=length) for bin_, length in bins.items()]

    views = [agreement_view(tie(acquirer, number)) for number in numbers]

    assert [view.issuer_code for view in views] == ["ICBC", "ICBC", "CIB", "PAB", "BOCOM"]
    assert set(CardAgreement.objects.values_list("bin_check", flat=True)) == {"agrees"}
