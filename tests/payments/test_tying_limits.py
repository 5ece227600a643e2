"""Somebody tests stolen card numbers: she is stopped by rows, told nothing, and staff are told."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.utils import timezone

from payments import jobs
from payments.api import TooManyCardsTriedError, finish_binding, start_binding
from payments.models import CardAgreement, Incident, SigningStreak, TyingAllowance
from payments.services import tying_limits
from payments.services.tying_limits import (
    FAILURES_IN_A_ROW,
    TyingPausedError,
    note_failure,
    note_success,
    take_allowances,
)
from tests.factories.crowd import all_at_once
from tests.payments.cards_desk import Said, begun, hear, signed
from tests.payments.wallet import agreed, tie

HOME = "203.0.113.7"
IP, DEVICE = TyingAllowance.Subject.IP, TyingAllowance.Subject.DEVICE


@pytest.fixture
def few(monkeypatch):
    """Limits small enough to be reached."""
    limits = {IP: ((3600, 4), (86_400, 6)), DEVICE: ((3600, 2), (86_400, 3))}
    monkeypatch.setattr(tying_limits, "LIMITS", limits)


def take(times: int = 1, *, owner: str = "7", ip: str = HOME, device: str = "") -> None:
    for _ in range(times):
        take_allowances(owner_ref=owner, ip=ip, device=device)


@pytest.mark.django_db
def test_an_address_has_its_number_of_signings_whoever_begins_them(few):
    for owner in range(4):
        take(owner=str(owner))

    with pytest.raises(TooManyCardsTriedError):
        take(owner="5")

    take(owner="5", ip="203.0.113.8")
    hour, _day = TyingAllowance.objects.filter(subject=HOME).order_by("window_seconds")
    assert (hour.taken, hour.most, hour.refused) == (4, 4, 1)


@pytest.mark.django_db
def test_a_browser_has_fewer_and_a_refused_try_counts_nowhere(few):
    take(2, device="browser-1")

    with pytest.raises(TooManyCardsTriedError):
        take(device="browser-1")

    taken = TyingAllowance.objects.filter(subject=HOME).values_list("taken", flat=True)
    assert list(taken) == [2, 2]
    take(device="browser-2")


@pytest.mark.django_db
def test_a_window_begins_anew_and_the_day_holds_on(few):
    take(4)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        take(2)
        with pytest.raises(TooManyCardsTriedError):
            take()
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1), tick=False):
        take(4)


@pytest.mark.django_db
@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", "", "unix:"])
def test_an_address_that_is_nobodys_is_not_counted(few, ip):
    take(9, ip=ip)

    assert TyingAllowance.objects.exists() is False


@pytest.mark.django_db
def test_staff_are_told_once_a_day_and_limit(few):
    take(4)
    for _ in range(3):
        with pytest.raises(TooManyCardsTriedError):
            take()

    incident = Incident.objects.get()
    assert (incident.kind, incident.subject_no) == (Incident.Kind.CARD_TESTING, HOME)


@pytest.mark.django_db
def test_addresses_are_forgotten_after_a_month(few):
    take()
    assert jobs.review_cards()["forgotten"] == 0

    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert jobs.review_cards()["forgotten"] == 2

    assert TyingAllowance.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_no_more_than_the_limit(few):
    said = all_at_once([lambda n=n: take(owner=str(n)) for n in range(8)])

    assert sum(error is None for error in said) == 4
    assert all(isinstance(e, TooManyCardsTriedError) for e in said if e is not None)
    assert max(TyingAllowance.objects.values_list("taken", flat=True)) == 4


@pytest.mark.django_db(transaction=True)
def test_control_a_count_that_is_read_first_lets_more_through(few):
    gate = Barrier(8)

    def careless(owner: str) -> bool:
        row = TyingAllowance.objects.filter(subject=HOME, window_seconds=3600).first()
        gate.wait(timeout=10)
        return row is None or row.taken < row.most

    said = all_at_once([lambda n=n: careless(str(n)) for n in range(8)])

    assert sum(said) > 4


def test_signings_that_fail_in_a_row_bring_a_pause_that_grows(account):
    for _ in range(FAILURES_IN_A_ROW):
        hear(begun(account), Said.FAILED, token="", signed_at=None)

    with pytest.raises(TyingPausedError) as refused:
        take()

    assert 1790 <= refused.value.data["wait_seconds"] <= 1800
    assert Incident.objects.filter(kind=Incident.Kind.CARD_TESTING, subject_no="7").count() == 1
    take(owner="8")
    hear(begun(account), Said.FAILED, token="", signed_at=None)
    blocked = SigningStreak.objects.get().blocked_until
    assert blocked > timezone.now() + timedelta(minutes=59)


def test_a_card_that_is_tied_ends_the_row_of_failures(account):
    for _ in range(FAILURES_IN_A_ROW - 1):
        hear(begun(account), Said.FAILED, token="", signed_at=None)
    signed(account)
    hear(begun(account), Said.FAILED, token="", signed_at=None)

    take()

    assert SigningStreak.objects.get().failures == 1


@pytest.mark.django_db
def test_a_pause_ends_by_itself():
    for _ in range(FAILURES_IN_A_ROW):
        note_failure("7")

    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        take()
    note_success("7")
    assert SigningStreak.objects.get().blocked_until is None


def test_a_message_repeated_is_one_failure(account):
    agreement = begun(account)
    for _ in range(6):
        hear(agreement, Said.FAILED, token="", signed_at=None)

    assert SigningStreak.objects.get().failures == 1


def test_a_page_that_was_left_is_a_failure_once_its_hour_is_over(acquirer):
    step = start_binding(
        owner_ref="7",
        holder_phone="13800138000",
        return_url="http://127.0.0.1/cards/",
        consent=agreed(HOME, "browser"),
    )
    past = timezone.now() - timedelta(hours=2)
    CardAgreement.objects.update(created_at=past, next_action_at=past)

    assert jobs.run_agreements() == {"failed": 1}

    assert SigningStreak.objects.get(owner_ref="7").failures == 1
    row = CardAgreement.objects.get(agreement_no=step.agreement_no)
    assert (row.consent_ip, row.device) == (HOME, "browser")


def test_the_answer_never_says_what_was_wrong(account):
    agreement = begun(account)
    hear(agreement, Said.FAILED, token="", signed_at=None)

    refusals = [TooManyCardsTriedError(), TyingPausedError(wait_seconds=9)]

    assert agreement.failure_code == "not_signed"
    for word in ("phone", "name", "number", "address", "IP", "device"):
        assert all(word not in str(refusal.user_message) for refusal in refusals)


def test_a_known_address_ties_a_card_and_is_counted(acquirer):
    number = tie(acquirer)

    assert finish_binding(number).status == "active"
    assert SigningStreak.objects.filter(failures__gt=0).exists() is False
