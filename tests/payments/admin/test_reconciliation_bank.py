"""The last mile over HTTP: our bank's bookings are brought in, batches are found in them."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from mall.accounts.models import User
from payments.reconciliation.models import (
    BankLine,
    BankStatement,
    Bill,
    BillLine,
    SettlementBatch,
)
from tests.payments.admin.recon_desk import clerk
from tests.payments.desk import make_account
from tests.payments.reconciliation.paperbank import noon
from tests.payments.reconciliation.takings import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BATCHES = reverse("admin:reconciliation_settlementbatch_changelist")
STATEMENTS = reverse("admin:reconciliation_bankstatement_changelist")
BOOKINGS = reverse("admin:reconciliation_bankline_changelist")
BRING = reverse("admin:reconciliation_bankstatement_bring")
LOOK = reverse("admin:reconciliation_settlementbatch_look_again")
HEADER = "交易日期,流水号,收入,支出,对方户名,摘要"


@pytest.fixture
def account(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return make_account(code="paper", adapter="paper")


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="boss", password="x" * 12))
    return client


def batch(account, number: int, minor: int, **columns) -> SettlementBatch:
    """A batch the acquirer says it paid."""
    common = {"account_code": "paper", "merchant": "paper:M001", "day": DAY}
    bill = Bill.objects.filter(**common, kind="fund").first() or Bill.objects.create(
        **common, account=account, kind="fund", created_at=noon(DAY)
    )
    line = BillLine.objects.create(
        bill=bill, line_no=number, kind="settlement", amount_minor=minor, at=noon(DAY)
    )
    values = {"booked_at": noon(DAY), "expected_minor": minor, "paid_at": noon(DAY), **columns}
    return SettlementBatch.objects.create(
        **common,
        batch_no=f"SC{number:04d}",
        bill=bill,
        line=line,
        net_minor=minor,
        created_at=noon(DAY),
        **values,
    )


def file_of(*rows: str, name: str = "november.csv", encoding: str = "utf-8") -> io.BytesIO:
    paper = io.BytesIO("\n".join([HEADER, *rows]).encode(encoding))
    paper.name = name
    return paper


def bring(client: Client, paper: io.BytesIO, format_name: str = "plain"):
    return client.post(BRING, {"format_name": format_name, "paper": paper}, follow=True)


def test_a_batch_is_found_at_the_bank(staff, account):
    paid = batch(account, 1, 19127)
    before = staff.get(BATCHES, {"arrived": "no"}).context["cl"].result_count

    said = bring(staff, file_of(f"{DAY},R1,191.27,,沙箱银行,SC0001", f"{DAY},R2,,50.00,房东,房租"))

    paid.refresh_from_db()
    assert before == 1
    assert paid.bank_line.bank_ref == "R1"
    assert "2 bookings are in the file, 0 of them known already." in said.content.decode()
    assert staff.get(BATCHES, {"arrived": "no"}).context["cl"].result_count == 0
    assert staff.get(BATCHES, {"arrived": "yes"}).context["cl"].result_count == 1
    assert staff.get(BOOKINGS, {"known": "no"}).context["cl"].result_list[0].bank_ref == "R2"
    assert "−¥50.00" in staff.get(BOOKINGS).content.decode()
    assert BankStatement.objects.get().imported_by == "boss"


def test_the_same_file_and_the_same_bookings_count_once(staff, account):
    first = f"{DAY},R1,191.27,,沙箱银行,"
    bring(staff, file_of(first))
    bring(staff, file_of(first))
    said = bring(staff, file_of(first, f"{DAY},R2,1.00,,x,", name="again.csv", encoding="gb18030"))

    assert "2 bookings are in the file, 1 of them known already." in said.content.decode()
    assert (BankStatement.objects.count(), BankLine.objects.count()) == (2, 2)


def test_a_workbook_is_read_too(staff, account):
    book = Workbook()
    for row in (HEADER.split(","), [str(DAY), "R1", 191.27, None, "沙箱银行", "x"]):
        book.active.append(row)
    paper = io.BytesIO()
    book.save(paper)
    paper.seek(0)
    paper.name = "november.xlsx"

    bring(staff, paper)

    assert BankLine.objects.get().amount_minor == 19127


@pytest.mark.parametrize(
    ("paper", "says"),
    [
        (lambda: file_of(f"{DAY},R1,1.00,,x,y", "yesterday,R2,1.00,,x,y"), "Line 3 does not fit"),
        (lambda: file_of(f"{DAY},R1,one,,x,y"), "Line 2 does not fit"),
        (lambda: file_of(f"{DAY},R1,,,x,y"), "Line 2 does not fit"),
        (lambda: io.BytesIO(b"a,b\n1,2\n"), "no column called"),
        (lambda: io.BytesIO(b"\xff\xff\xff\xff"), "neither UTF-8 nor GBK"),
        (lambda: file_of(name="november.xlsx"), "not a workbook"),
        (lambda: io.BytesIO(b""), "empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole_and_says_where(staff, account, paper, says):
    sent = paper()
    sent.name = getattr(sent, "name", "november.csv")

    said = bring(staff, sent)

    assert says in said.content.decode()
    assert not BankLine.objects.exists()
    assert not BankStatement.objects.exists()


def test_a_format_there_is_not_is_refused(staff, account):
    said = bring(staff, file_of(f"{DAY},R1,1.00,,x,y"), "\N{SNOWMAN}")

    assert said.context["form"].errors["format_name"]
    assert staff.post(BRING, {}).status_code == 200


def test_batches_are_looked_for_again_only_by_a_press(staff, account):
    bring(staff, file_of(f"{DAY},R1,191.27,,沙箱银行,"))
    paid = batch(account, 1, 19127)

    looked = staff.get(LOOK)
    paid.refresh_from_db()
    untouched = paid.bank_line
    said = staff.post(LOOK, follow=True).content.decode()
    paid.refresh_from_db()

    assert (looked.status_code, untouched) == (200, None)
    assert "Found: 1." in said
    assert paid.bank_line.bank_ref == "R1"


def test_a_batch_shows_where_it_stands(staff, account):
    differs = batch(account, 1, 19127, expected_minor=19200, booked_at=None)
    batch(account, 2, 0)
    page = reverse("admin:reconciliation_settlementbatch_change", args=[differs.pk])

    listed = staff.get(BATCHES).content.decode()

    for words in ("differs from its day", "nothing to pay", "¥192.00", "¥191.27"):
        assert words in listed
    assert staff.get(BATCHES, {"arrived": "differs"}).context["cl"].result_count == 1
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"net_minor": 1}).status_code == 403


def test_lists_ask_as_much_for_many_rows_as_for_few(staff, account):
    def fill(first: int) -> None:
        for number in range(first, first + 6):
            batch(account, number, 100 + number)
            bring(staff, file_of(f"{DAY},R{number},{1 + number / 100},,x,SC{number:04d}"))

    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as questions:
            assert staff.get(url).status_code == 200
        return len(questions)

    fill(1)
    urls = [BATCHES, STATEMENTS, BOOKINGS]
    few = [asked(url) for url in urls]
    fill(7)

    assert [asked(url) for url in urls] == few
    assert max(few) <= 20


def test_looking_is_not_bringing(account):
    looker = Client()
    looker.force_login(clerk("an", "view_settlementbatch", "view_bankline", "view_bankstatement"))
    nobody = Client()
    nobody.force_login(clerk("bo"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk("cai", "add_bankstatement", "view_settlementbatch"))

    pages = (BATCHES, STATEMENTS, BOOKINGS)
    assert [looker.get(url).status_code for url in pages] == [200] * 3
    assert [nobody.get(url).status_code for url in pages] == [403] * 3
    assert "Bring a bank statement in" not in looker.get(BATCHES).content.decode()
    assert bring(looker, file_of(f"{DAY},R1,1.00,,x,y")).status_code == 403
    assert looker.post(LOOK).status_code == 403
    assert bring(strict, file_of(f"{DAY},R1,1.00,,x,y")).status_code == 403
    assert strict.post(LOOK).status_code == 403
    assert not BankStatement.objects.exists()


def test_exports_do_not_compute(staff, account):
    bring(staff, file_of(f"{DAY},R1,1.00,,=1+1,@evil"))
    chosen = {"action": "export_csv", "_selected_action": [BankLine.objects.get().pk]}

    text = b"".join(staff.post(BOOKINGS, chosen).streaming_content).decode()

    assert "'=1+1" in text
    assert "'@evil" in text
    assert ",1.00," in text
