"""One order's money on one page: both sides equal, every party named, found by any number."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from mall.accounts.models import User
from payments.admin.flow_picture import ROW, picture_of
from payments.api import Funder, Money, RefundStage, TenderPart, request_refund
from payments.ledger import recipes
from payments.ledger.flows import Place
from payments.models import JournalTransaction, OwnFunds, Refund
from payments.services.facts import apply_channel_fact
from payments.trail import Chapter, Line, reference_of, trail_of
from tests.payments.desk import ORDER, hear, payment_in, refunded, success

pytestmark = pytest.mark.django_db


def chapter(reference):
    """What a shop might tell."""
    return Chapter(
        title="Shop",
        lines=[Line(what="corn × 2", detail="farm", minor=6000, url="/somewhere/")],
        events=["commission:line-1"],
        names={("2201", "farm"): "绿源农场", ("2301", "wang"): "王姐"},
    )


@pytest.fixture(autouse=True)
def _shop_tells(settings):
    settings.LINLI_TRAIL = ["tests.payments.admin.test_money.chapter"]
    settings.LINLI_FUNDS_MODE = "SELF_OPERATED"


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="finance", password="x" * 12))
    return client


def give_back(payment, key, payer, bank=0, **how):
    parts = [TenderPart(funder=Funder.PAYER, amount=Money(payer))]
    if bank:
        parts.append(TenderPart(funder=Funder.BANK, ref="CCB:minus16", amount=Money(bank)))
    with transaction.atomic():
        view = request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=parts,
            reason="shortage",
            reference=ORDER,
            stage=RefundStage.BEFORE_PICKUP,
            **how,
        )
    return Refund.objects.get(refund_no=view.refund_no)


@pytest.fixture
def sold(account):
    """192.00 and 16.00 came; 30.00 went back, 1.00 is on its way, the rest was collected."""
    payment = payment_in("created", reference=ORDER)
    hear(payment, "query", success(payment))
    refund = give_back(payment, "line-a", 2769, 231)
    apply_channel_fact(
        source="query", account=account, result=refunded(refund.refund_no, refund.resident_minor)
    )
    give_back(payment, "line-b", 100)
    recipes.goods_collected(
        key=f"{ORDER}:1", order_ref=ORDER, goods=Money(17700), costs=[("farm", Money(14000))]
    )
    recipes.commission_earned(key="line-1:whole:x", leader_ref="wang", amount=Money(1770))
    return payment


def flows_of(trail):
    return (
        [(flow.place, flow.party, flow.minor) for flow in trail.came],
        [(flow.place, flow.party, flow.minor) for flow in trail.went],
    )


def test_what_came_is_what_went_to_the_fen(sold):
    trail = trail_of(ORDER)
    came, went = flows_of(trail)

    assert came == [(Place.PAYER, "sandbox", 19200), (Place.FUNDER, "CCB", 1600)]
    assert [flow for flow in went if flow[0] != Place.FEE] == [
        (Place.BACK_TO_PAYER, "", 2769),
        (Place.BACK_TO_FUNDER, "CCB", 231),
        (Place.ON_ITS_WAY, "", 100),
        (Place.SUPPLIER, "farm", 14000),
        (Place.LEADER, "wang", 1770),
        (Place.OURS, "", 1930 - sum(f[2] for f in went if f[0] == Place.FEE)),
    ]
    assert trail.total_minor == 20800 == sum(flow.minor for flow in trail.went)
    assert [step.owed_minor for step in trail.steps][-1] == 0


def test_before_anything_is_collected_the_goods_are_owed(account):
    payment = payment_in("created", reference=ORDER)
    assert trail_of(ORDER).came == []
    hear(payment, "query", success(payment))

    assert {flow.place: flow.minor for flow in trail_of(ORDER).went}[Place.GOODS] == 20800


def test_it_is_found_by_any_number_of_the_order(sold):
    refund = Refund.objects.order_by("pk").first()
    numbers = [ORDER, sold.payment_no, sold.acquirer_no, refund.refund_no]
    numbers += [refund.acquirer_refund_no]

    assert {reference_of(number) for number in numbers} == {ORDER}
    assert reference_of("M-NOBODY") is None
    assert reference_of("") is None


def test_the_page_shows_every_party_and_links_to_everything(staff, sold):
    page = staff.get(reverse("admin:payments_money", args=[sold.payment_no]))
    text = page.content.decode()

    assert page.status_code == 200
    for shown in (
        "¥208.00",
        "¥192.00",
        "¥16.00",
        "¥27.69",
        "¥140.00",
        "¥17.70",
        "绿源农场",
        "王姐",
    ):
        assert shown in text
    journal = JournalTransaction.objects.get(ref=f"capture:{sold.payment_no}")
    refund = Refund.objects.order_by("pk").first()
    for model, key in (("journaltransaction", journal.pk), ("refund", refund.pk)):
        assert reverse(f"admin:payments_{model}_change", args=[key]) in text
    assert reverse("admin:payments_payment_change", args=[sold.pk]) in text
    assert "/somewhere/" in text


def test_the_page_asks_as_much_for_many_journals_as_for_few(staff, sold):
    url = reverse("admin:payments_money", args=[ORDER])
    staff.get(url)
    with CaptureQueriesContext(connection) as few:
        staff.get(url)
    for number in range(8):
        give_back(sold, f"more {number}", 10)
    with CaptureQueriesContext(connection) as many:
        staff.get(url)

    assert len(many) == len(few) <= 30


def test_it_is_searched_and_what_is_not_there_is_said(staff, sold):
    search = reverse("admin:payments_money_search")

    assert staff.get(search).status_code == 200
    found = staff.get(search, {"q": f" {ORDER} "})
    assert found.headers["Location"] == reverse("admin:payments_money", args=[ORDER])
    unknown = staff.get(reverse("admin:payments_money", args=["M-NOBODY"]))
    assert unknown.status_code == 404
    assert "M-NOBODY" in unknown.content.decode()
    journal = JournalTransaction.objects.first()
    elsewhere = staff.get(reverse("admin:payments_money", args=[journal.ref]))
    assert elsewhere.headers["Location"].endswith(f"/{journal.pk}/change/")


def test_an_unpaid_order_says_that_nothing_came(staff, account):
    payment = payment_in("created", reference=ORDER)
    page = staff.get(reverse("admin:payments_money", args=[payment.payment_no]))
    assert page.status_code == 200
    assert "<path" not in page.content.decode().partition('class="money"')[2]


def test_the_page_is_for_those_who_may_see_the_books(client, sold):
    client.force_login(User.objects.create_user(username="clerk", is_staff=True))
    assert client.get(reverse("admin:payments_money", args=[ORDER])).status_code == 404


@pytest.mark.parametrize("page", ["payment", "refund"])
def test_payments_and_refunds_lead_to_it(staff, sold, page):
    row = sold if page == "payment" else Refund.objects.first()
    shown = staff.get(reverse(f"admin:payments_{page}_change", args=[row.pk]))
    link = reverse(f"admin:payments_{page}_follow_money", args=[row.pk])

    assert link in shown.content.decode()
    assert staff.get(link).headers["Location"] == reverse("admin:payments_money", args=[str(row)])


def test_the_picture_is_to_scale():
    picture = picture_of(
        [("her", "¥3.00", 300, "payer"), ("bank", "¥1.00", 100, "funder")],
        [("goods", "¥5.00", 500, "goods"), ("us", "−¥1.00", -100, "ours")],
    )

    assert [row.percent for row in picture.came] == [75.0, 25.0]
    assert [(row.percent, row.is_negative, bool(row.band)) for row in picture.went] == [
        (100.0, False, True),
        (0.0, True, False),
    ]
    assert picture.height == 2 * ROW
    assert picture_of([], []).came == []


def statement(staff, **asked):
    return staff.get(reverse("admin:payments_account_statement", args=["1101"]), asked)


def test_a_statement_begins_with_what_was_there(staff, sold):
    day = JournalTransaction.objects.first().business_date
    page = statement(staff, since=f"{day:%Y-%m-%d}", until=f"{day:%Y-%m-%d}")
    later = statement(staff, since="2099-01-01")

    assert page.status_code == later.status_code == 200
    closing = later.context["closing"]
    assert later.context["opening"] == closing == page.context["closing"]
    assert list(later.context["page"]) == []
    assert statement(staff, since="nonsense").status_code == 200


def test_a_statement_goes_into_a_spreadsheet(staff, sold):
    lines = b"".join(statement(staff, export="csv").streaming_content).decode()[1:]
    rows = list(csv.reader(io.StringIO(lines)))
    book = load_workbook(io.BytesIO(b"".join(statement(staff, export="xlsx").streaming_content)))
    sheet = [list(row) for row in book.active.iter_rows(values_only=True)]

    assert [row[0] for row in rows][1] == f"capture:{sold.payment_no}"
    assert rows[1][4:] == ["192.00", "", "192.00"]
    assert len(sheet) == len(rows)
    assert [float(cell) if cell is not None else None for cell in sheet[1][4:]] == [192, None, 192]


def test_own_funds_are_entered_by_one_and_confirmed_by_another(staff, client):
    page = reverse("admin:payments_ownfunds_add")
    wish = {"key": "R1", "amount": "500.00", "reason": "deposit"}
    assert staff.get(page).status_code == 200
    assert staff.post(page, wish).status_code == 302
    funds = OwnFunds.objects.get()
    assert (funds.amount_minor, funds.proposed_by, funds.status) == (50_000, "finance", "proposed")
    confirm = {"action": "confirm", "_selected_action": [funds.pk]}
    every = reverse("admin:payments_ownfunds_changelist")

    staff.post(every, confirm)
    assert OwnFunds.objects.get().status == "proposed"
    client.force_login(User.objects.create_superuser(username="boss", password="x" * 12))
    client.post(every, confirm)

    assert OwnFunds.objects.get().status == "confirmed"
    assert JournalTransaction.objects.get().ref == "funding:R1"
    shown = client.get(reverse("admin:payments_ownfunds_change", args=[funds.pk]))
    assert "funding:R1" in shown.content.decode()
