"""What is agreed to before a card is tied: a text in force, kept with digest, time and address."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from payments.api import Consented, ConsentOutdatedError, consent_text, start_binding
from payments.models import CardAgreement, ConsentText
from payments.services.consents import ConsentTextKnownError, digest_of, publish_consent_text

pytestmark = pytest.mark.django_db


def write(version: str, text: str, *, language: str = "en", after: timedelta = timedelta()) -> None:
    publish_consent_text(
        version=version,
        language=language,
        text=text,
        valid_from=timezone.now() + after,
        by="lawyer",
    )


def begin(sha256: str, ip: str = "203.0.113.7"):
    return start_binding(
        owner_ref="7",
        holder_phone="13800138000",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=sha256, ip=ip),
    )


def test_the_text_is_shown_in_the_readers_language():
    with translation.override("zh-hans"):
        chinese = consent_text()
    with translation.override("en"):
        english = consent_text()

    assert (chinese.language, english.language) == ("zh-hans", "en")
    assert chinese.version == english.version == "2026-11"
    assert "解绑" in chinese.text
    assert english.sha256 == digest_of(english.text)


def test_what_was_agreed_to_is_kept_with_time_and_address(acquirer):
    text = consent_text("en")

    begin(text.sha256)

    row = CardAgreement.objects.get()
    assert (row.consent_version, row.consent_sha256, row.consent_ip) == (
        "2026-11",
        text.sha256,
        "203.0.113.7",
    )
    assert row.consent_text.text == text.text
    assert timezone.now() - row.consented_at < timedelta(minutes=1)


def test_a_new_version_is_in_force_from_its_day_on(acquirer):
    old = consent_text("en")
    write("2027-01", "New words.", after=timedelta(days=1))

    assert consent_text("en").sha256 == old.sha256
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1), tick=False):
        assert consent_text("en").text == "New words."
        # Where a version is not written in a language, it is shown in one it is written in.
        assert consent_text("zh-hans").text == "New words."
        with pytest.raises(ConsentOutdatedError):
            begin(old.sha256)
    assert CardAgreement.objects.exists() is False


@pytest.mark.parametrize("sha256", ["", "0" * 64])
def test_nobody_ties_a_card_without_having_been_shown_the_text(sha256):
    with pytest.raises(ConsentOutdatedError):
        begin(sha256)

    assert CardAgreement.objects.exists() is False


def test_a_version_is_never_written_twice():
    write("2027-01", "Words.\r\nMore words.")

    with pytest.raises(ConsentTextKnownError):
        write("2027-01", "Other words.")

    assert ConsentText.objects.get(version="2027-01").text == "Words.\nMore words."
