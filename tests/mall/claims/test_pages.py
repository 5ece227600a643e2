"""Pages of claims: banks read their own, the mall's people work; papers carry their Chinese."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from mall.accounts.models import User
from mall.banks.models import BankStaff, BankUnit
from mall.claims.models import LineDispute, SubsidyClaim, SubsidyReceipt
from mall.claims.services.drafting import draft_claim
from payments.api import balance
from payments.models import Tender
from tests.mall.claims.october import CAMPAIGN, GIVER, OCTOBER, issued, on, paid, refund, seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def october(account):
    with on(10, 20):
        first = paid()
        paid(9000, 800)
        refund(first, 2769, 231)


@pytest.fixture
def persons(db):
    """Two of the mall's finance, as superusers."""
    return [
        User.objects.create(username=name, is_staff=True, is_superuser=True, is_active=True)
        for name in ("clerk", "chief")
    ]


def act(client, claim, what, **said):
    url = reverse("admin:claims_act", args=[claim.pk])
    return client.post(url, {"what": what, **said}, follow=True)


def page_of(claim):
    return reverse("admin:claims_subsidyclaim_change", args=[claim.pk])


def test_a_claim_goes_its_way_by_its_buttons(client, october, persons):
    clerk, chief = persons
    with on(11, 2):
        seal()
        client.force_login(clerk)
        overview = client.get(reverse("admin:claims_subsidyclaim_changelist")).content.decode()
        assert "21.69" in overview
        draft = {"giver": GIVER, "campaign": CAMPAIGN, "month": "2026-10-01"}
        client.post(reverse("admin:claims_draft"), draft)
        claim = SubsidyClaim.objects.get()
        act(client, claim, "check")
        act(client, claim, "issue")
        claim.refresh_from_db()
        assert claim.status == "draft"

        client.force_login(chief)
        act(client, claim, "issue")
        act(client, claim, "send", note="Mr Li")
        act(client, claim, "dispute", line="2", reason="not our card")
        act(
            client, claim, "receive", receipt_no="T1", amount="13.69", day="2026-11-02", pays="this"
        )
        claim.refresh_from_db()
        assert (claim.status, claim.received_minor) == ("sent", 0)

        client.force_login(clerk)
        confirm = {"action": "confirm", "_selected_action": [SubsidyReceipt.objects.get().pk]}
        client.post(reverse("admin:claims_subsidyreceipt_changelist"), confirm)
        claim.refresh_from_db()
        assert (claim.status, claim.due_minor, balance("1001")) == ("paid", 0, 1369)
        dispute = LineDispute.objects.get()
        act(client, claim, "settle", dispute=dispute.pk, to="borne", settlement="our mistake")
        act(client, claim, "close")
        claim.refresh_from_db()
        assert claim.status == "closed"
        shown = client.get(page_of(claim)).content.decode()
        assert "Mr Li" in shown
        assert "not our card" in shown


def test_a_bank_sees_its_own_claims_and_touches_nothing(client, october):
    bank = BankUnit.objects.add_root(
        {"code": "ccb", "name": "建设银行", "level": "bank", "issuer_code": "CCB"}
    )
    other = BankUnit.objects.add_root(
        {"code": "psbc", "name": "邮储银行", "level": "bank", "issuer_code": "PSBC"}
    )
    with on(11, 2):
        claim = issued()
        SubsidyClaim.objects.filter(pk=claim.pk).update(owner=bank)
        for unit, status in ((bank, 200), (other, 302)):
            person = User.objects.create(username=unit.code, is_staff=True, is_active=True)
            BankStaff.objects.create(user=person, unit=unit)
            client.force_login(person)
            assert client.get(page_of(claim)).status_code in {status, 404}
            paper = client.get(reverse("admin:claims_paper", args=[claim.pk, "pdf"]))
            assert (paper.status_code == 200) is (unit == bank)
            refused = act(client, claim, "send")
            assert refused.status_code in {403, 404}
        claim.refresh_from_db()
        assert claim.status == "issued"


def test_the_papers_hold_every_line_and_their_own_chinese(client, october, persons):
    BankUnit.objects.add_root(
        {"code": "ccb", "name": "中国建设银行", "level": "bank", "issuer_code": "CCB"}
    )
    with on(11, 2):
        claim = issued()
        client.force_login(persons[0])
        xlsx = client.get(reverse("admin:claims_paper", args=[claim.pk, "xlsx"]))
        pdf = client.get(reverse("admin:claims_paper", args=[claim.pk, "pdf"]))
    sheet = load_workbook(BytesIO(b"".join(xlsx.streaming_content))).active
    cells = [[cell for cell in row if cell is not None] for row in sheet.values]
    flat = [str(cell) for row in cells for cell in row]
    assert claim.claim_no in flat
    assert any("中国建设银行" in cell for cell in flat)
    assert claim.sha256 in flat
    for line in claim.lines.all():
        (row,) = [row for row in cells if line.subject_no in row]
        assert float(row[-1 if not line.note else -2]) * 100 == pytest.approx(line.net_minor)
    body = b"".join(pdf.streaming_content)
    assert body.startswith(b"%PDF")
    assert b"LinliSansSC" in body  # the characters are in the file


def test_a_draft_that_differs_names_the_journal_on_its_page(client, october, persons):
    Tender.objects.filter(funder="bank", actual_minor=800).update(actual_minor=700)
    with on(11, 2):
        seal()
        claim = draft_claim(giver=GIVER, campaign=CAMPAIGN, month=OCTOBER)
        client.force_login(persons[0])
        shown = client.get(page_of(claim)).content.decode()
    assert claim.differences[0]["ref"] in shown
    assert "check" not in [part for part in shown.split('value="') if part.startswith("check")]
