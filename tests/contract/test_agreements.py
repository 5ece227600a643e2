"""Tied cards: a token and four digits come back, never a number; an ended one pays nothing."""

from __future__ import annotations

import pytest

from payments.acquiring.contract import (
    AgreementMode,
    AgreementRef,
    AgreementStatus,
    DeclinedError,
    NotifyKind,
)
from payments.kernel.numbers import new_number
from tests.contract.papers import bind_request, charge_request
from tests.waiting import until

ties_cards = pytest.mark.needs(lambda caps: caps.agreement is not AgreementMode.NONE)
# A mandate is on an account, whatever card she keeps in it.
shows_cards = pytest.mark.needs(lambda caps: caps.agreement is AgreementMode.TOKEN)
tells_of_them = pytest.mark.needs(lambda caps: NotifyKind.AGREEMENT in caps.notify_kinds)
ENDED = {AgreementStatus.REVOKED_BY_USER, AgreementStatus.REVOKED_BY_ISSUER}


@ties_cards
def test_signing_happens_at_the_acquirers_and_nothing_is_tied_before(bench, adapter):
    bound = adapter.bind_card(bind_request(bench))

    assert bound.agreement.status is AgreementStatus.PENDING_FORM
    assert bound.step is not None
    assert not bound.agreement.token


@shows_cards
def test_a_tied_card_is_a_token_four_digits_and_whose_it_is(bench, adapter):
    agreement_no, token = bench.tie_card(adapter)

    card = adapter.query_agreement(AgreementRef(agreement_no, token))

    assert (card.status, card.agreement_no) == (AgreementStatus.ACTIVE, agreement_no)
    assert len(card.last4) == 4
    assert card.last4.isdigit()
    assert card.kind in {"debit", "credit"}
    assert card.scheme
    assert card.fingerprint
    assert card.token == token
    assert token not in repr(card.raw)


@ties_cards
def test_one_card_has_one_fingerprint_whoever_ties_it(bench, adapter):
    cards = [bench.tie_card(adapter) for _ in range(2)]

    prints = {adapter.query_agreement(AgreementRef(*card)).fingerprint for card in cards}

    assert len(prints) == 1


@ties_cards
def test_an_ended_agreement_pays_nothing_and_ends_twice_alike(bench, adapter):
    card = bench.tie_card(adapter)

    ends = {adapter.unbind(AgreementRef(*card)).status for _ in range(2)}

    assert ends == {AgreementStatus.REVOKED_BY_USER}
    with pytest.raises(DeclinedError):
        adapter.pay_with_agreement(charge_request(bench, card))


@ties_cards
def test_an_agreement_nobody_started_is_not_found(adapter):
    told = adapter.query_agreement(AgreementRef(new_number("A")))

    assert told.status is AgreementStatus.NOT_FOUND


@ties_cards
@tells_of_them
def test_an_agreement_ended_at_the_acquirer_is_told(bench, adapter):
    agreement_no, token = bench.tie_card(adapter)
    adapter.pay_with_agreement(charge_request(bench, (agreement_no, token)))

    bench.revoke(agreement_no)

    assert adapter.query_agreement(AgreementRef(agreement_no, token)).status in ENDED

    def told() -> bool:
        events = [
            event
            for raw in bench.messages(agreement_no)
            for event in adapter.parse_notification(adapter.verify_notification(raw))
        ]
        return any(e.kind is NotifyKind.AGREEMENT and e.result.status in ENDED for e in events)

    until(told)
