"""Pages of statements: a leader's, a supplier's behind its link, the clerk's; and their files."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from oscar.apps.partner.models import Partner
from PIL import Image

from groupleader.models import (
    CommissionAccrual,
    CommissionTerms,
    Correction,
    SettlementStatement,
    StatementMessage,
    SupplierAccount,
    SupplierDue,
    TaxIdentity,
    TaxRemittance,
)
from groupleader.papers.capitals import capital_yuan
from groupleader.papers.files import statement_file
from groupleader.services.deducting import charge_case
from groupleader.services.issuing import cut_statement
from groupleader.services.periods import Period, period_now
from groupleader.services.statements import confirm_statement, dispute_statement
from mall.api import make_supplier_link
from payments.api import business_date, now, travelling
from tests.groupleader.making import Order, line, make_leader, make_statement, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\nof a delivery note\n%%EOF\n"


@pytest.fixture
def leader(client):
    leader = make_leader()
    client.force_login(leader.user)
    return leader


@pytest.fixture
def clerk(client):
    user = make_user("财务", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def supplier():
    partner = Partner.objects.create(name="鲜果供应链")
    return SupplierAccount.objects.create(supplier_ref=f"supplier:{partner.pk}", name=partner.name)


@pytest.fixture
def theirs(supplier):
    number = int(supplier.ref.partition(":")[2])
    order = Order(make_leader(), [line("goods", 10_000, supplier_id=number)])
    order.becomes("placed", "paid", "collected")
    return cut_statement(party=supplier, period=period_now(now() + timedelta(seconds=1)))


@pytest.fixture
def link(supplier):
    """The path behind which the supplier reads."""
    number = int(supplier.ref.partition(":")[2])
    return make_supplier_link(supplier_id=number, by="li")[1] + "settlement/"


def picture():
    file = BytesIO()
    Image.new("RGB", (30, 20), "red").save(file, "PNG")
    return SimpleUploadedFile("p.png", file.getvalue(), content_type="image/png")


# --- the leader


def test_a_leader_asks_about_one_line_with_papers_and_is_answered(client, leader):
    statement = make_statement(leader, 20_800, 5_000)
    url = reverse("groupleader:statement", args=[statement.statement_no])
    accrual = statement.accruals.order_by("pk").first()

    assert accrual.terms.order_no in client.get(f"{url}?line={accrual.pk}").content.decode()
    pdf = SimpleUploadedFile("n.pdf", PDF, content_type="application/pdf")
    wish = {"reason": "这单少了", "line": accrual.pk, "files": [picture(), pdf]}
    client.post(f"{url}dispute/", wish)
    client.post(f"{url}dispute/", wish | {"files": []})

    message = statement.messages.get()
    assert (message.accrual, message.papers.count()) == (accrual, 2)
    page = client.get(url).content.decode()
    assert "这单少了" in page
    for paper in message.papers.all():
        shown = client.get(f"{url}papers/{paper.name}")
        assert shown.status_code == 200
    client.post(f"{url}write/", {"text": "还有一张照片"})
    client.post(f"{url}write/", {"text": "还有一张照片"})
    assert statement.messages.count() == 2


def test_papers_and_files_of_another_leader_do_not_exist(client, leader):
    other = make_leader("李姐")
    statement = make_statement(other)
    from groupleader.services.talking import Said  # noqa: PLC0415

    said = Said(text="x", by=other.user, files=[picture()])
    dispute_statement(statement=statement, reason="x", by=other.user, said=said)
    name = statement.messages.get().papers.get().name
    url = reverse("groupleader:statement", args=[statement.statement_no])

    for rest in ("", f"papers/{name}", "statement.pdf", "statement.xlsx"):
        assert client.get(url + rest).status_code == 404
    assert client.post(f"{url}write/", {"text": "x"}).status_code == 404
    mine = make_statement(leader)
    own = reverse("groupleader:statement", args=[mine.statement_no])
    assert client.get(f"{own}papers/{name}").status_code == 404


@pytest.mark.parametrize("line_id", ["0", "99999999999999999999", "x", "-1", "９"])
def test_a_line_of_nobodys_is_refused_in_words(client, leader, line_id):
    statement = make_statement(leader)
    url = reverse("groupleader:statement", args=[statement.statement_no])
    assert client.get(f"{url}?line={line_id}&q=%25&show=x&page=zz").status_code == 200
    assert client.post(f"{url}dispute/", {"reason": "x", "line": line_id}).status_code == 302


def test_lines_are_found_by_order_goods_and_kind(client, leader):
    statement = make_statement(leader, 1_000, 2_000, 3_000)
    url = reverse("groupleader:statement", args=[statement.statement_no])
    terms = statement.accruals.order_by("pk")[1].terms

    found = client.get(f"{url}?q={terms.order_no}").context["page"]
    assert [row.terms for row in found] == [terms]
    assert len(client.get(f"{url}?show=back").context["page"]) == 0
    assert len(client.get(f"{url}?show=earned").context["page"]) == 3


def test_deductions_tax_steps_and_nothing_left_are_explained(client, leader):
    charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=999_999)
    statement = make_statement(leader, 9_000_000)
    url = reverse("groupleader:statement", args=[statement.statement_no])

    page = client.get(url).content.decode()

    assert "K1" in page
    assert "9,000.00 × 20%" in page
    assert statement.net_minor == 0


# --- files


def test_the_files_say_what_the_statement_is_to_the_fen(leader):
    charge_case(leader=leader, case_no="K1", order_no="M1", amount_minor=500)
    statement = make_statement(leader, 9_000_000, 50)
    sheet = openpyxl.load_workbook(BytesIO(statement_file(statement, "xlsx").read())).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    flat = [value for row in cells for value in row if value is not None]

    assert float(statement.net_minor) / 100 in [v for v in flat if isinstance(v, int | float)]
    assert capital_yuan(statement.net_minor) in flat
    assert statement.statement_no in flat
    assert statement_file(statement, "pdf").read(5) == b"%PDF-"


def test_a_text_computes_nothing_in_a_spreadsheet(leader):
    order = Order(leader, [line("evil", 10_000, title='=HYPERLINK("http://x")')])
    order.becomes("placed", "paid", "collected", "closed")
    statement = make_statement(leader, 10_000)
    sheet = openpyxl.load_workbook(BytesIO(statement_file(statement, "xlsx").read())).active
    titles = [row[2].value for row in sheet.iter_rows() if row[2].value]
    assert '\'=HYPERLINK("http://x")' in titles
    assert not [title for title in titles if str(title).startswith("=")]


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (0, "人民币零元整"),
        (7, "人民币柒分"),
        (30, "人民币叁角整"),
        (105, "人民币壹元零伍分"),
        (893_400, "人民币捌仟玖佰叁拾肆元整"),
        (1_000_100, "人民币壹万零壹元整"),
        (10_010_005, "人民币壹拾万零壹佰元零伍分"),
        (-7, "人民币负柒分"),
        (2_000_000_050_000, "人民币贰佰亿零伍佰元整"),
    ],
)
def test_capital_numerals(minor, words):
    assert capital_yuan(minor) == words


@pytest.mark.parametrize(
    "count", [500, pytest.param(10_000, marks=pytest.mark.nightly, id="whole")]
)
def test_ten_thousand_lines_are_on_paper_within_three_seconds(leader, count):
    at = now() - timedelta(days=1)
    terms = CommissionTerms.objects.bulk_create(
        CommissionTerms(
            line_id=f"P{n}",
            order_no=f"M{n:019d}",
            leader=leader,
            title="东北大米",
            quantity=1,
            base_minor=1_000,
            rate="0.1000",
            scope="default",
            placed_at=at,
        )
        for n in range(count)
    )
    CommissionAccrual.objects.bulk_create(
        CommissionAccrual(
            terms=each,
            leader=leader,
            fulfilment="whole",
            status="available",
            earned_minor=100,
            accrued_at=at,
            frozen_at=at,
            available_at=at,
        )
        for each in terms
    )
    statement = cut_statement(party=leader, period=Period("many", now()))
    for form in ("xlsx", "pdf"):
        start = time.process_time()
        statement_file(statement, form)
        assert time.process_time() - start < 3 * count / 10_000 + 0.5, form


# --- the supplier


def test_a_supplier_reads_and_confirms_behind_its_link(client, theirs, link):
    assert theirs.statement_no in client.get(link).content.decode()
    url = f"{link}{theirs.statement_no}/"
    assert "¥80.00" in client.get(url).content.decode()
    for form in ("pdf", "xlsx"):
        assert client.get(f"{url}statement.{form}").status_code == 200

    assert client.post(f"{url}confirm/", {"name": "老张"}).status_code == 302
    theirs.refresh_from_db()
    assert (theirs.status, theirs.events.last().note) == ("confirmed", "老张")
    assert client.post(f"{url}confirm/", {"name": "老张"}).status_code == 409


def test_a_supplier_disputes_a_line_and_reads_the_answer(client, theirs, link):
    url = f"{link}{theirs.statement_no}/"
    due = theirs.dues.get()
    assert client.get(f"{url}?line={due.pk}").status_code == 200
    client.post(
        f"{url}dispute/", {"name": "老张", "text": "少一箱", "line": due.pk, "files": [picture()]}
    )
    message = theirs.messages.get()
    assert (message.due, message.name) == (due, "老张")
    assert client.get(f"{url}papers/{message.papers.get().name}").status_code == 200
    assert "少一箱" in client.get(url).content.decode()
    assert client.post(f"{url}write/", {"name": "老张", "text": ""}).status_code == 422


def test_another_suppliers_statement_and_a_dead_link_do_not_open(client, theirs, link):
    other = Partner.objects.create(name="别家")
    foreign = make_supplier_link(supplier_id=other.pk, by="li")[1] + "settlement/"
    assert client.get(foreign).status_code == 200
    assert client.get(f"{foreign}{theirs.statement_no}/").status_code == 404
    assert client.post(f"{foreign}{theirs.statement_no}/confirm/").status_code == 404
    dead = re.sub(r"/supplier/[^/]+/", "/supplier/nonsense/", link)
    assert client.get(dead).status_code == 404 or client.get(dead).status_code == 410


# --- the clerk


def change(statement):
    return reverse("admin:groupleader_settlementstatement_change", args=[statement.pk])


def test_many_are_approved_after_a_look_at_their_sum(client, clerk):
    statements = [make_statement(make_leader(name), 10_000) for name in ("甲", "乙", "丙")]
    for statement in statements[:2]:
        confirm_statement(statement=statement, by=statement.leader.user)
    url = reverse("admin:groupleader_settlementstatement_changelist")
    chosen = {"action": "approve", "_selected_action": [s.pk for s in statements]}

    preview = client.post(url, chosen)
    assert (preview.context["count"], preview.context["total"]) == (2, "¥20.00")
    assert SettlementStatement.objects.filter(status="approved").count() == 0

    client.post(
        reverse("admin:groupleader_settlementstatement_approve"),
        {"keys": preview.context["keys"]},
    )
    assert SettlementStatement.objects.filter(status="approved").count() == 2


def test_a_thousand_are_approved_a_hundred_at_a_time(client, clerk, monkeypatch):
    from groupleader.admin import approving  # noqa: PLC0415

    monkeypatch.setattr(approving, "AT_ONCE", 1)
    statements = [make_statement(make_leader(name), 10_000) for name in ("甲", "乙")]
    for statement in statements:
        confirm_statement(statement=statement, by=statement.leader.user)
    url = reverse("admin:groupleader_settlementstatement_approve")
    keys = ",".join(str(statement.pk) for statement in statements)

    rest = client.post(url, {"keys": keys})
    assert rest.context["count"] == 1
    assert client.post(url, {"keys": rest.context["keys"]}).status_code == 302
    assert client.post(url, {"keys": "x,,9999999999999999999999,-1"}).status_code == 302
    assert SettlementStatement.objects.filter(status="approved").count() == 2


def test_a_clerk_writes_corrects_and_sends_the_suppliers_link(client, clerk, theirs):
    url = reverse("admin:groupleader_settlementstatement_desk", args=[theirs.pk])
    page = client.get(url)
    key = page.context["key"]
    client.post(url, {"what": "write", "text": "请看第一行", "files": [picture()]})
    wish = {"what": "correct", "amount": "-3.20", "reason": "重量", "key": key}
    client.post(url, wish)
    client.post(url, wish)
    for wrong in ("", "x", "1.234", "NaN", "Infinity", "9" * 19, "0"):
        client.post(url, wish | {"amount": wrong, "key": f"k{wrong}"})
    made = client.post(url, {"what": "link"}, follow=True)

    assert StatementMessage.objects.get().side == "finance"
    assert Correction.objects.get().amount_minor == -320
    assert f"/settlement/{theirs.statement_no}/" in made.content.decode()
    paper = StatementMessage.objects.get().papers.get()
    name = "admin:groupleader_settlementstatement_paper"
    assert client.get(reverse(name, args=[theirs.pk, paper.name])).status_code == 200


@pytest.mark.parametrize(
    "model",
    [
        "settlementstatement",
        "supplieraccount",
        "supplierdue",
        "deduction",
        "correction",
        "taxreport",
        "taxremittance",
        "taxidentity",
    ],
)
def test_the_lists_open_and_are_searched(client, clerk, theirs, model):
    charge_case(leader=make_leader(), case_no="K1", order_no="M1", amount_minor=500)
    url = reverse(f"admin:groupleader_{model}_changelist")
    assert client.get(url, {"q": "K1"}).status_code == 200
    row = {"supplieraccount": theirs.supplier, "settlementstatement": theirs}.get(model)
    if row is not None:
        assert client.get(
            reverse(f"admin:groupleader_{model}_change", args=[row.pk])
        ).status_code == 200  # fmt: skip


def test_a_statement_is_taken_from_the_admin_as_a_file(client, clerk, theirs):
    for form in ("pdf", "xlsx"):
        name = f"admin:groupleader_settlementstatement_as_{form}"
        assert client.get(reverse(name, args=[theirs.pk])).status_code == 200


def test_the_tax_desk_takes_a_number_a_quarter_and_a_receipt(client, clerk):
    leader = make_leader()
    statement = make_statement(leader, 90_000_000)
    confirm_statement(statement=statement, by=leader.user)
    for name in ("甲", "乙"):
        client.force_login(make_user(name, is_staff=True))
        client.post(
            reverse("admin:groupleader_settlementstatement_changelist"),
            {"action": "approve", "_selected_action": [statement.pk]},
        )
    number = {"leader": leader.pk, "legal_name": "王", "number": "11010519491231002X"}
    client.post(reverse("admin:groupleader_taxidentity_add"), number)
    assert TaxIdentity.objects.get().last4 == "002X"
    wrong = client.post(reverse("admin:groupleader_taxidentity_add"), number | {"number": "1"})
    assert wrong.status_code == 200

    today = business_date()
    month, quarter = f"{today:%Y-%m}", f"{today.year}-Q{(today.month + 2) // 3}"
    url = reverse("admin:groupleader_taxreport_next")
    assert client.get(url).status_code == 200
    assert client.get(url, {"quarter": "x"}).status_code == 404
    assert client.post(url, {"quarter": quarter}).status_code == 200  # not over yet
    with travelling(now() + timedelta(days=100)):
        told = client.post(url, {"quarter": quarter})
        file = client.get(f"{reverse('admin:groupleader_taxreport_changelist')}1/csv/")
        assert (told.status_code, file.status_code) == (302, 200)
        add = reverse("admin:groupleader_taxremittance_add")
        assert client.get(add).status_code == 200
        proof = SimpleUploadedFile("p.pdf", PDF, content_type="application/pdf")
        wish = {"month": month, "receipt_no": "1", "paid_on": "2026-12-15", "proof": proof}
        made = client.post(add, wish)
        assert made.status_code == 302, made.content.decode()
    assert TaxRemittance.objects.get().prepared_by.display_name == "乙"
    assert SupplierDue.objects.exists()
