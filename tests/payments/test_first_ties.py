"""The first card of a bank and kind: per person, once, whatever is untied, repeated or raced."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier

import pytest

from payments.api import agreement_view, agreements_of, unbind
from payments.invariants.tied_cards import TIED_CARD_RULES
from payments.models import CardAgreement, FirstTie, KnownCard, OutboxEvent
from tests import acquirer as cards
from tests.factories.crowd import all_at_once
from tests.payments.cards_desk import Said, begun, firsts, hear, says, signed
from tests.payments.desk import make_account, told
from tests.payments.wallet import tie

Status = CardAgreement.Status


@pytest.fixture(autouse=True)
def _books_in_order(db) -> Iterator[None]:
    yield
    assert [v for rule in TIED_CARD_RULES for v in rule().violations] == []


def test_the_first_card_of_a_kind_and_of_a_bank_is_told_once(account):
    credit = signed(account)
    debit = signed(account, kind="debit", bin="621700", fingerprint="FP-2")
    other = signed(account, issuer_code="PSBC", bin="622810", fingerprint="FP-3")

    assert firsts() == [("7", True, True), ("7", True, False), ("7", True, True)]
    payload = OutboxEvent.objects.get(key=f"agreement.signed:{debit.agreement_no}").payload
    assert payload == {
        "agreement_no": debit.agreement_no,
        "owner_ref": "7",
        "issuer_code": "CCB",
        "kind": "debit",
        "scheme": "unionpay_single",
        "is_first": True,
        "is_first_of_bank": False,
    }
    views = {view.agreement_no: view for view in agreements_of("7")}
    assert views[debit.agreement_no].first_tied_at == debit.signed_at
    assert views[debit.agreement_no].bank_first_tied_at == credit.signed_at
    assert views[other.agreement_no].bank_first_tied_at == other.signed_at


def test_untying_and_tying_again_is_not_a_first_time(acquirer):
    first = tie(acquirer, cards.CCB_CREDIT)
    unbind(first, "7")

    again = tie(acquirer, cards.CCB_CREDIT)
    another = tie(acquirer, cards.card_number("622166"))

    assert firsts() == [("7", True, True), ("7", False, False), ("7", False, False)]
    tied_at = CardAgreement.objects.get(agreement_no=first).signed_at
    assert agreement_view(again).first_tied_at == tied_at
    assert agreement_view(another).bank_first_tied_at == tied_at


def test_a_card_another_person_tied_before_is_nobodys_first(account):
    signed(account, "7", fingerprint="FP-shared")
    hers = signed(account, "8", fingerprint="FP-shared")

    assert firsts() == [("7", True, True), ("8", False, False)]
    assert agreement_view(hers.agreement_no).first_tied_at is None

    own = signed(account, "8", fingerprint="FP-8")

    assert firsts()[-1] == ("8", True, True)
    assert agreement_view(hers.agreement_no).first_tied_at == own.signed_at


def test_a_card_without_a_fingerprint_counts_by_person_alone(account):
    signed(account, "7", fingerprint="")
    signed(account, "8", fingerprint="")

    assert firsts() == [("7", True, True), ("8", True, True)]
    assert KnownCard.objects.exists() is False


def test_a_bank_nobody_named_is_not_counted(account):
    signed(account, issuer_code="", bin="", kind="")

    assert firsts() == [("7", False, False)]
    assert FirstTie.objects.exists() is False


def test_the_same_notice_five_times_is_one_signing(account):
    agreement = begun(account)
    said = says(agreement, Said.ACTIVE)

    verdicts = [hear(agreement, Said.ACTIVE, signed_at=said.signed_at).verdict for _ in range(5)]

    assert verdicts == ["applied", *["repeated"] * 4]
    assert told() == ["agreement.signed"]


def test_revoked_before_signed_is_still_one_signing_and_one_end(account):
    agreement = begun(account)

    hear(agreement, Said.REVOKED_BY_USER)
    hear(agreement, Said.ACTIVE)
    hear(agreement, Said.REVOKED_BY_USER)

    assert agreement.status == Status.ENDED
    assert told() == ["agreement.signed", "agreement.revoked"]
    assert firsts() == [("7", True, True)]


def test_untied_here_before_the_bank_said_signed_counts_and_stays_untied(account):
    agreement = begun(account, status=Status.UNBINDING, end_reason="untied_by_owner")

    hear(agreement, Said.ACTIVE)

    assert (agreement.status, agreement.signed_at is not None) == (Status.UNBINDING, True)
    assert firsts() == [("7", True, True)]


def test_a_signing_that_ran_out_unsigned_ties_nothing(account):
    agreement = begun(account)

    hear(agreement, Said.EXPIRED, token="", signed_at=None)

    assert (agreement.status, told()) == (Status.FAILED, [])
    assert FirstTie.objects.exists() is False


def test_a_failed_signing_the_bank_later_says_was_signed_is_tied(account):
    agreement = begun(account, status=Status.FAILED)

    hear(agreement, Said.ACTIVE)

    assert (agreement.status, firsts()) == (Status.ACTIVE, [("7", True, True)])


@pytest.mark.django_db(transaction=True)
def test_two_cards_of_one_person_signed_at_once_have_one_first():
    account = make_account()
    for owner in range(4):
        begun_ones = [begun(account, f"{owner}") for _ in range(2)]
        acts = [
            lambda one=one, n=n: hear(one, Said.ACTIVE, fingerprint=f"FP-{one.owner_ref}-{n}")
            for n, one in enumerate(begun_ones)
        ]

        said = all_at_once(acts)

        assert [fact.verdict for fact in said] == ["applied", "applied"]
        mine = [first for first in firsts() if first[0] == f"{owner}"]
        assert sorted(mine) == [(f"{owner}", False, False), (f"{owner}", True, True)]
        assert CardAgreement.objects.filter(owner_ref=owner, is_default=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_card_signed_by_two_people_at_once_has_one_first():
    account = make_account()
    mine, hers = begun(account, "7"), begun(account, "8")

    all_at_once([lambda one=one: hear(one, Said.ACTIVE, fingerprint="FP") for one in (mine, hers)])

    assert sorted(first[1:] for first in firsts()) == [(False, False), (True, True)]
    assert KnownCard.objects.get().first_owner_ref == next(f[0] for f in firsts() if f[1])


@pytest.mark.django_db(transaction=True)
def test_control_looking_before_writing_gives_two_firsts():
    account = make_account()
    both, gate = [begun(account), begun(account)], Barrier(2)

    def careless(agreement: CardAgreement) -> bool:
        is_first = not FirstTie.objects.filter(owner_ref=agreement.owner_ref).exists()
        gate.wait(timeout=10)
        hear(agreement, Said.ACTIVE, fingerprint=f"FP-{agreement.pk}")
        return is_first

    said = all_at_once([lambda one=one: careless(one) for one in both])

    assert said == [True, True]
    assert sorted(first[1:] for first in firsts()) == [(False, False), (True, True)]
