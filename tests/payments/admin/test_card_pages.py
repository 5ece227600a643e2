"""Cards in the admin: found, masked, told apart; consent is read, a new text is written."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mall.accounts.models import User
from payments.api import consent_text
from payments.models import CardAgreement, CardBin, ConsentText, KnownCard, TyingAllowance
from payments.services.consents import agreed_text
from payments.services.tying_limits import take_allowances
from tests.payments.cards_desk import begun, signed
from tests.payments.wallet import agreed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="xiaomei", password="x" * 12))
    return client


def page(model, name, *args):
    return reverse(f"admin:payments_{model._meta.model_name}_{name}", args=args)


def listed(staff, model, **asked):
    found = staff.get(page(model, "changelist"), asked).context["cl"].result_list
    return list(found)


def test_a_card_is_found_by_last_digits_owner_and_fingerprint(staff, account):
    hers = signed(account, "7", fingerprint="aa11bb22cc33")
    signed(account, "8", fingerprint="dd44", last4="9999")

    for term in ("0017", "7", "aa11bb22", hers.agreement_no):
        assert listed(staff, CardAgreement, q=term) == [hers]
    assert listed(staff, CardAgreement, issuer="CCB", kind="credit", q="0017") == [hers]
    assert listed(staff, CardAgreement, issuer="PSBC") == []


def test_a_cards_page_tells_consent_first_tie_and_whose_else_it_is(staff, account):
    text = consent_text("en")
    first = signed(account, "7", fingerprint="FP-shared-0001")
    CardAgreement.objects.filter(pk=first.pk).update(
        consent_text=agreed_text(agreed()),
        consent_version=text.version,
        consent_ip="203.0.113.7",
        consented_at=timezone.now(),
    )
    other = signed(account, "8", fingerprint="FP-shared-0001", issuer_code="PSBC")

    shown = staff.get(page(CardAgreement, "change", first.pk)).content.decode()
    hers = staff.get(page(CardAgreement, "change", other.pk)).content.decode()

    for words in ("2026-11", "203.0.113.7", other.agreement_no, "any card of this bank"):
        assert words in shown
    assert "tied by another person before" in hers
    assert "our table says otherwise" in hers
    assert "FP-shared-0001" not in shown
    assert first.token not in shown


def test_cards_several_people_tied_are_listed(staff, account):
    for owner in ("7", "8"):
        signed(account, owner, fingerprint="FP-shared")
    signed(account, "9", fingerprint="FP-own")

    shared = listed(staff, KnownCard, shared="yes")

    assert [card.fingerprint for card in shared] == ["FP-shared"]
    shown = staff.get(page(KnownCard, "change", shared[0].pk)).content.decode()
    assert CardAgreement.objects.get(owner_ref="8").agreement_no in shown


def test_tries_of_an_address_are_seen(staff, account):
    take_allowances(owner_ref="7", ip="203.0.113.7", device="")
    card = begun(account, consent_ip="203.0.113.7")
    row = TyingAllowance.objects.first()

    shown = staff.get(page(TyingAllowance, "change", row.pk)).content.decode()

    assert card.agreement_no in shown
    assert "203.0.113.7" in shown


def test_a_list_of_cards_is_exported_masked(staff, account):
    card = signed(account, fingerprint="FP-secret-0001")
    response = staff.post(
        page(CardAgreement, "changelist"),
        {"action": "export_csv", "_selected_action": [card.pk]},
    )

    text = b"".join(response.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert "China Construction Bank 0017" in rows[1]
    assert card.token not in text
    assert card.fingerprint not in text


def test_prefixes_are_searched_filtered_and_exported(staff):
    assert {row.issuer_code for row in listed(staff, CardBin, q="62216")} == {"CCB"}
    assert {row.issuer_code for row in listed(staff, CardBin, bank="ABC")} == {"ABC"}
    doubtful = listed(staff, CardBin, is_doubtful__exact="1", bank="CCB")
    assert len(doubtful) == 5


def test_prefixes_are_taken_out_by_who_may(staff):
    row = CardBin.objects.get(prefix="622168")

    staff.post(page(CardBin, "changelist"), {"action": "withdraw", "_selected_action": [row.pk]})

    assert CardBin.objects.filter(pk=row.pk).exists() is False


def test_a_new_text_is_written_and_never_changed(staff):
    at = timezone.localtime(timezone.now() + timedelta(days=1))
    form = {
        "version": "2027-01",
        "language": "en",
        "text": "New words.",
        "valid_from_0": f"{at:%Y-%m-%d}",
        "valid_from_1": f"{at:%H:%M:%S}",
    }
    assert staff.get(page(ConsentText, "add")).status_code == 200

    answer = staff.post(page(ConsentText, "add"), form)

    assert answer.status_code == 302
    text = ConsentText.objects.get(version="2027-01")
    assert (text.text, text.written_by) == ("New words.", "xiaomei")
    shown = staff.get(page(ConsentText, "change", text.pk))
    assert b'name="_save"' not in shown.content
    assert staff.post(page(ConsentText, "change", text.pk), form).status_code == 403
    again = staff.post(page(ConsentText, "add"), form | {"text": "Others."})
    assert again.status_code == 200
    assert ConsentText.objects.filter(version="2027-01").count() == 1


def test_a_text_of_yesterday_is_refused(staff):
    form = {
        "version": "2027-01",
        "language": "en",
        "text": "New words.",
        "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00:00",
    }

    assert staff.post(page(ConsentText, "add"), form).status_code == 200
    assert ConsentText.objects.filter(version="2027-01").exists() is False
