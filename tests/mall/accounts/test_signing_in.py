"""A code opens the account of its phone, five tries at most, and tells nobody who has one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mall.accounts.errors import (
    CodeExpiredError,
    InvalidPhoneError,
    SignInRefusedError,
    SmsNotSentError,
    TooManyCodesError,
    WrongCodeError,
)
from mall.accounts.models import SendingAllowance, SignInRequest, User
from mall.accounts.phones import normalise_phone
from mall.accounts.signing_in import account_of, forget_old_codes, request_code, verify_code
from payments.api import now

PHONE = "+8613800000001"
pytestmark = pytest.mark.django_db


class Telephone:
    """A carrier that keeps what it was given, named by dotted path like an operator's own."""

    received: list[tuple[str, str]] = []
    broken = False

    def send(self, *, phone: str, text: str) -> None:
        if self.broken:
            raise SmsNotSentError
        self.received.append((phone, text))


@pytest.fixture(autouse=True)
def telephone(settings):
    settings.LINLI_SMS_BACKEND = f"{__name__}.Telephone"
    Telephone.received, Telephone.broken = [], False
    return Telephone


def code_of(telephone) -> str:
    return re.search(r"\d{6}", telephone.received[-1][1])[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    "typed", ["13800000001", "138 0000 0001", "+86 13800000001", "8613800000001"]
)
def test_a_number_may_be_typed_in_any_way(typed):
    assert normalise_phone(typed) == PHONE


@pytest.mark.parametrize(
    "typed", ["", "abc", "1380000", "010 12345678", "+1 415 555 0100", "9" * 500]
)
def test_what_is_no_mainland_mobile_number_is_refused(typed):
    with pytest.raises(InvalidPhoneError):
        normalise_phone(typed)


def test_the_first_sign_in_opens_an_account_and_the_next_finds_it(telephone):
    first = verify_code(
        request_id=request_code(phone="13800000001").request_id, code=code_of(telephone)
    )
    with time_machine.travel(now() + timedelta(minutes=2)):
        asked = request_code(phone="138-0000-0001")
        again = verify_code(request_id=asked.request_id, code=code_of(telephone))

    assert first == again
    assert first.phone == PHONE
    assert not first.has_usable_password()
    assert PHONE[-11:] not in first.username
    assert User.objects.count() == 1


def test_a_known_and_an_unknown_number_are_treated_alike(telephone, django_assert_num_queries):
    account_of(phone=PHONE)
    request_code(phone="13800000003")

    with django_assert_num_queries(_queries_of(lambda: request_code(phone="13800000002"))):
        request_code(phone="13800000001")

    assert len(telephone.received) == 3


def _queries_of(action) -> int:
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def test_the_code_is_stored_nowhere(telephone):
    asked = request_code(phone="13800000001")

    stored = " ".join(str(value) for value in SignInRequest.objects.values().get().values())
    assert code_of(telephone) not in stored.replace(PHONE, "")
    assert code_of(telephone) not in str(asked)


def test_five_wrong_tries_use_the_request_up(telephone):
    asked = request_code(phone="13800000001")
    code = code_of(telephone)

    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongCodeError) as refused:
            verify_code(request_id=asked.request_id, code=wrong(code))
        assert refused.value.data["tries_left"] == left

    with pytest.raises(CodeExpiredError):
        verify_code(request_id=asked.request_id, code=code)
    assert not User.objects.exists()


def test_a_code_works_once(telephone):
    asked = request_code(phone="13800000001")
    verify_code(request_id=asked.request_id, code=code_of(telephone))

    with pytest.raises(CodeExpiredError):
        verify_code(request_id=asked.request_id, code=code_of(telephone))


def test_a_code_belongs_to_its_request(telephone):
    mine = request_code(phone="13800000001")
    request_code(phone="13800000002")

    with pytest.raises(WrongCodeError):
        verify_code(request_id=mine.request_id, code=code_of(telephone))
    with pytest.raises(CodeExpiredError):
        verify_code(request_id="never-made", code=code_of(telephone))


def test_a_code_lasts_five_minutes_and_not_a_millisecond_longer(telephone):
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False) as clock:
        asked = request_code(phone="13800000001")
        early = request_code(phone="13800000002")
        early_code = code_of(telephone)
        clock.move_to("2026-11-22 12:04:59.999Z")
        assert verify_code(request_id=early.request_id, code=early_code).phone == "+8613800000002"
        clock.move_to("2026-11-22 12:05:00Z")
        with pytest.raises(CodeExpiredError):
            verify_code(request_id=asked.request_id, code="000000")


def test_one_a_minute_five_an_hour_ten_a_day(telephone):
    with time_machine.travel("2026-11-22 08:00:00Z", tick=False) as clock:
        request_code(phone="13800000001")
        clock.shift(59)
        with pytest.raises(TooManyCodesError) as refused:
            request_code(phone="13800000001")
        assert refused.value.data["wait_seconds"] == 1
        for _ in range(4):
            clock.shift(61)
            request_code(phone="13800000001")
        clock.shift(61)
        with pytest.raises(TooManyCodesError):
            request_code(phone="13800000001")
        clock.shift(3600)
        for _ in range(5):
            clock.shift(61)
            request_code(phone="13800000001")
        clock.shift(2 * 3600)
        with pytest.raises(TooManyCodesError) as refused:
            request_code(phone="13800000001")
    assert len(telephone.received) == 10
    assert refused.value.data["wait_seconds"] > 3600


def test_one_address_and_one_device_are_limited_over_all_phones(telephone):
    with time_machine.travel("2026-11-22 08:00:00Z", tick=False):
        for n in range(10):
            request_code(phone=f"138000001{n:02d}", ip="203.0.113.7", device="phone-a")
        with pytest.raises(TooManyCodesError):
            request_code(phone="13800000150", ip="203.0.113.7", device="phone-a")
        for n in range(20):
            request_code(phone=f"138000002{n:02d}", ip="203.0.113.7", device=f"phone-{n}")
        with pytest.raises(TooManyCodesError):
            request_code(phone="13800000250", ip="203.0.113.7", device="phone-z")
    assert len(telephone.received) == 30


def test_a_refused_request_counts_nowhere_and_sends_nothing(telephone):
    with time_machine.travel("2026-11-22 08:00:00Z", tick=False):
        request_code(phone="13800000001", ip="203.0.113.7")
        before = list(SendingAllowance.objects.order_by("pk").values_list("subject", "count"))
        with pytest.raises(TooManyCodesError):
            request_code(phone="13800000001", ip="203.0.113.7")
    assert list(SendingAllowance.objects.order_by("pk").values_list("subject", "count")) == before
    assert len(telephone.received) == 1


def test_counters_do_not_name_phones_and_addresses():
    request_code(phone="13800000001", ip="203.0.113.7")
    subjects = " ".join(SendingAllowance.objects.values_list("subject", flat=True))
    assert "13800000001" not in subjects
    assert "203.0.113.7" not in subjects


def test_a_message_that_could_not_be_sent_is_said_so(telephone):
    telephone.broken = True
    with pytest.raises(SmsNotSentError):
        request_code(phone="13800000001")


@pytest.mark.parametrize(
    "fields", [{"is_staff": True}, {"is_active": False}, {"is_superuser": True}]
)
def test_staff_and_closed_accounts_do_not_sign_in_by_phone(telephone, fields):
    User.objects.create(username="special", phone=PHONE, **fields)
    asked = request_code(phone="13800000001")

    with pytest.raises(SignInRefusedError):
        verify_code(request_id=asked.request_id, code=code_of(telephone))


def test_old_requests_and_counters_are_forgotten():
    request_code(phone="13800000001")
    with time_machine.travel(now() + timedelta(days=3)):
        assert forget_old_codes(1000)["requests"] == 1
    assert not SignInRequest.objects.exists()
    assert not SendingAllowance.objects.exists()
