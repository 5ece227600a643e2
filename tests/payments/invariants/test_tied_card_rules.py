"""The rules of tied cards see what they are for: each is broken once, by hand."""

from __future__ import annotations

import pytest

from payments.invariants.tied_cards import TIED_CARD_RULES
from payments.models import CardAgreement, CardBin, ConsentText, FirstTie, KnownCard
from payments.services.consents import agreed_text
from tests.payments.cards_desk import signed
from tests.payments.wallet import agreed


def broken() -> set[str]:
    return {violation.code for rule in TIED_CARD_RULES for violation in rule().violations}


@pytest.fixture
def card(account) -> CardAgreement:
    text = agreed_text(agreed())
    card = signed(account)
    signed(account, "8", fingerprint="FP-7")
    CardAgreement.objects.filter(pk=card.pk).update(
        consent_text=text, consent_sha256=text.sha256, consented_at=card.created_at
    )
    assert broken() == set()
    return card


def test_a_first_tie_that_stands_on_anothers_card_is_seen(card):
    FirstTie.objects.filter(kind="").update(owner_ref="9")

    assert broken() == {"T1", "T2"}


def test_a_first_tie_that_was_lost_is_seen(card):
    FirstTie.objects.filter(kind="credit").delete()

    assert broken() == {"T2"}


def test_a_card_nobody_remembers_is_seen(card):
    KnownCard.objects.all().delete()

    assert "T3" in broken()


def test_a_known_card_that_stands_on_anothers_agreement_is_seen(card):
    KnownCard.objects.update(first_owner_ref="9")

    assert "T3" in broken()


def test_a_person_without_a_default_is_seen(card):
    CardAgreement.objects.filter(pk=card.pk).update(is_default=False)

    assert broken() == {"T4"}


def test_a_text_that_was_changed_is_seen(card):
    ConsentText.objects.filter(language="en").update(text="Something else.")

    assert broken() == {"T5"}


def test_an_agreement_to_another_text_is_seen(card):
    CardAgreement.objects.filter(pk=card.pk).update(consent_sha256="0" * 64)

    assert broken() == {"T5"}


def test_a_prefix_that_cannot_be_single_mark_is_seen(card):
    CardBin.objects.filter(prefix="436742").update(mark="unionpay_single")

    assert broken() == {"T7"}
