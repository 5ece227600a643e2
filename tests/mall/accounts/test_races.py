"""However many guess or ask at once: five tries, one code a minute, one account."""

from __future__ import annotations

import pytest
from django.db.models import F

from mall.accounts import signing_in
from mall.accounts.errors import CodeExpiredError, TooManyCodesError, WrongCodeError
from mall.accounts.models import SignInRequest, User
from mall.accounts.signing_in import account_of, request_code, verify_code
from tests.factories.crowd import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+8613800000001"


class Silence:
    """A carrier of which only the sending matters."""

    sent: list[str] = []

    def send(self, *, phone: str, text: str) -> None:
        self.sent.append(text)


@pytest.fixture(autouse=True)
def silence(settings):
    settings.LINLI_SMS_BACKEND = f"{__name__}.Silence"
    Silence.sent = []
    return Silence


def test_twenty_guesses_at_once_are_five_tries():
    asked = request_code(phone=PHONE)

    ends = all_at_once(
        [lambda: verify_code(request_id=asked.request_id, code="not-it") for _ in range(20)]
    )

    assert sum(isinstance(end, WrongCodeError) for end in ends) == 5
    assert sum(isinstance(end, CodeExpiredError) for end in ends) == 15
    assert SignInRequest.objects.get().tries == 5


def test_without_the_guard_more_than_five_would_be_tried(monkeypatch):
    """The negative control: read, decide, write instead of one conditional update."""
    asked = request_code(phone=PHONE)
    barrier = []

    def read_then_write(request_id: str) -> SignInRequest:
        found = SignInRequest.objects.get(request_id=request_id)
        barrier.append(found.tries)
        if found.tries >= 5:
            raise CodeExpiredError
        return found

    monkeypatch.setattr(signing_in, "_use_a_try", read_then_write)
    ends = all_at_once(
        [lambda: verify_code(request_id=asked.request_id, code="not-it") for _ in range(20)]
    )
    SignInRequest.objects.filter(tries__lt=5).update(tries=F("tries") + 1)

    assert sum(isinstance(end, WrongCodeError) for end in ends) > 5


def test_ten_requests_at_once_send_one_code(silence):
    ends = all_at_once([lambda: request_code(phone=PHONE) for _ in range(10)])

    assert sum(isinstance(end, SignInRequest) for end in ends) == 1
    assert sum(isinstance(end, TooManyCodesError) for end in ends) == 9
    assert len(silence.sent) == 1


def test_two_first_sign_ins_at_once_make_one_account():
    ends = all_at_once([lambda: account_of(phone=PHONE) for _ in range(8)])

    assert User.objects.count() == 1
    assert {end.pk for end in ends} == {User.objects.get().pk}
