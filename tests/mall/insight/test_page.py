"""The page of an offer's effect: figures with their formulas, for the mall and each bank's own."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from mall.accounts.models import User
from mall.banks.models import BankStaff, BankUnit
from mall.insight.exposures import forget_seen, note_shown
from mall.insight.models import Exposure
from payments.api import now
from tests.mall.insight.past import CODE, Past, Town, admin_user
from tests.mall.promotions.offers import make_offer
from tests.payments.desk import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_seen():
    forget_seen()


@pytest.fixture
def bank(db):
    return BankUnit.objects.add_root(
        {"code": "ccb", "name": "建设银行", "level": "bank", "issuer_code": "CCB"}
    )


@pytest.fixture
def town(bank):
    make_offer(code=CODE, owner=bank)
    make_offer(code="psbc-8", name="邮储周三", issuers=["PSBC"])
    town = Town(make_account(), 2)
    today = now()
    card = town.tie(0, "credit", today)
    town.show(1, today)
    town.order([Past(0, card, today, 1900, 1, 1600)] * 2)
    return town


def effect(client, **asked):
    return client.get(reverse("admin:insight_effect"), asked)


def test_each_figure_stands_beside_its_formula(client, town):
    client.force_login(admin_user())
    page = effect(client, offer=CODE)
    report = page.context["report"]
    shown = page.content.decode()
    figures = {figure.key: figure.shown for figure in report.figures}
    assert figures["ticket_credit"] == "¥19.00"
    assert (figures["leverage"], figures["discount_share"]) == ("0.2×", "84.2 %")
    assert [step.figure.now for step in report.funnel] == [2, 1, 1, 1]
    for figure in report.figures:
        assert shown.count(figure.formula) >= 2  # as a tooltip, and to be read
    assert report.small in shown


def test_a_bank_sees_its_own_offers_only(client, town, bank):
    person = User.objects.create(username="li", is_staff=True, is_active=True)
    BankStaff.objects.create(user=person, unit=bank)
    client.force_login(person)
    page = effect(client)
    assert [offer.code for offer in page.context["offers"]] == [CODE]
    assert effect(client, offer="psbc-8").status_code == 403
    client.force_login(User.objects.create(username="x", is_staff=True, is_active=True))
    assert effect(client).status_code == 403


def test_the_report_is_taken_along(client, town):
    client.force_login(admin_user())
    xlsx = b"".join(effect(client, offer=CODE, export="xlsx").streaming_content)
    book = load_workbook(BytesIO(xlsx))
    assert len(book.sheetnames) == 4
    cells = [cell for row in book.worksheets[0].values for cell in row]
    assert 0.8421 in cells
    pdf = b"".join(effect(client, offer=CODE, export="pdf").streaming_content)
    assert pdf.startswith(b"%PDF")
    assert b"LinliSansSC" in pdf


@pytest.mark.parametrize(
    "asked", [{"from": "x", "until": "2026-02-31"}, {"from": "2026-11-02", "until": "2026-11-01"}]
)
def test_a_strange_period_is_this_month(client, town, asked):
    client.force_login(admin_user())
    assert effect(client, **asked).context["period"].since.day == 1


def test_a_page_is_shown_to_somebody_once_a_day(town, django_assert_num_queries):
    person = town.people[1]
    Exposure.objects.all().delete()
    assert note_shown(person.pk, [CODE, CODE, ""], "checkout") == 1
    with django_assert_num_queries(0):
        assert note_shown(person.pk, [CODE], "checkout") == 0
        assert note_shown(None, [CODE], "checkout") == 0
    forget_seen()
    note_shown(person.pk, [CODE, "another"], "my-offers")
    with time_machine.travel(now() + timedelta(days=1)):
        note_shown(person.pk, [CODE], "checkout")
    assert Exposure.objects.count() == 3
    # Nobody of that number: no page fails for it.
    assert note_shown(10**12, [CODE], "checkout") in {0, 1}
    Exposure.objects.filter(resident_id=10**12).delete()
