"""The cashier's pages: the day, the bills, the cases; two people decide over HTTP."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mall.accounts.models import User
from payments.admin import recon_deliver
from payments.ledger.balances import balance
from payments.reconciliation.models import Bill, ReconciliationCase
from tests.payments.admin.recon_desk import VIEW, a_day, cashier, clerk, second, the_orphan
from tests.payments.desk import make_account
from tests.payments.reconciliation.paperbank import DESK, Line, noon, paper
from tests.payments.reconciliation.takings import (
    DAY,
    jobs_until_quiet,
    line_of,
    paid,
    the_bill,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY_PAGE = reverse("admin:reconciliation_day")
BILLS = reverse("admin:reconciliation_bill_changelist")
CASES = reverse("admin:reconciliation_reconciliationcase_changelist")
DELIVER = reverse("admin:reconciliation_bill_deliver")


@pytest.fixture
def bank(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.LINLI_ACQUIRER_ACCOUNT = "paper"
    for part in (DESK.papers, DESK.digests, DESK.empty, DESK.answers, DESK.asked):
        part.clear()
    make_account(code="paper", adapter="paper", settings={"fee_rate": "0.0038"})
    return DESK


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser(username="boss", password="x" * 12))
    return client


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def case_page(case: ReconciliationCase) -> str:
    return reverse("admin:reconciliation_reconciliationcase_change", args=[case.pk])


def press(client: Client, case: ReconciliationCase, what: str, **typed: str):
    url = reverse("admin:reconciliation_case_act", args=[case.pk])
    return client.post(url, {"what": what, **typed}, follow=True)


def questions(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200, url
    return len(asked)


def test_a_day_shows_what_adds_up_and_what_is_to_do(staff, bank, time_machine):
    a_day(bank, time_machine)

    text = staff.get(DAY_PAGE, {"day": str(DAY)}).content.decode()

    assert "2 cases wait for somebody" in text
    assert "¥388.00" in text  # 192.00 + 191.00 + 5.00 in the bill
    assert "¥384.00" in text  # 2 × 192.00 in our books
    assert "nobody accounts for" not in text
    assert "adds up" in text
    assert "Close this bill" not in text


def test_the_links_of_a_day_lead_to_its_cases_and_no_others(staff, bank, time_machine):
    a_day(bank, time_machine)
    card = staff.get(DAY_PAGE, {"day": str(DAY)}).context["cards"][0]

    waiting = staff.get(card.links["waiting"]).context["cl"]
    pooled = staff.get(card.links["pooled"]).context["cl"]

    assert {case.discrepancy for case in waiting.result_list} == {"orphan", "amount"}
    assert pooled.result_count == 0
    assert staff.get(CASES, {"day": str(DAY)}).context["cl"].result_count == 2
    assert staff.get(CASES, {"day": "2020-01-01"}).context["cl"].result_count == 0


@pytest.mark.parametrize(
    ("waiting", "count"),
    [("1", 2), ("mine", 0), ("nobody", 2), ("second", 0), ("acquirer", 0), ("bills", 0), ("?", 2)],
)
def test_cases_are_found_by_what_they_wait_for(staff, bank, time_machine, waiting, count):
    a_day(bank, time_machine)

    assert staff.get(CASES, {"waiting": waiting}).context["cl"].result_count == count


def test_a_closed_day_says_so_and_shows_its_equation_as_it_was_closed(staff, bank, time_machine):
    wrong = a_day(bank, time_machine)
    ReconciliationCase.objects.update(
        state="closed", resolution="decided", proposed_by="a", decided_by="b", action="ignore_known"
    )
    jobs_until_quiet(time_machine, rounds=1)
    assert the_bill().state == "closed"

    with CaptureQueriesContext(connection) as asked:
        text = staff.get(DAY_PAGE, {"day": str(DAY)}).content.decode()

    assert "All bills of this day are closed." in text
    assert "¥388.00" in text
    assert not any("SUM(l.amount_minor)" in query["sql"] for query in asked)
    assert wrong.payment_no not in text


def test_a_bill_of_many_lines_is_counted_only_when_asked(staff, bank, time_machine):
    a_day(bank, time_machine)
    Bill.objects.update(line_count=200_001)
    pk = the_bill().pk

    before = staff.get(DAY_PAGE, {"day": str(DAY)}).content.decode()
    after = staff.get(DAY_PAGE, {"day": str(DAY), "equation": pk}).content.decode()

    assert "Count now" in before
    assert "adds up" not in before
    assert "adds up" in after


def test_a_day_without_bills_and_a_day_that_is_not_over(staff, bank, time_machine):
    time_machine.move_to(noon(DAY))

    never = staff.get(DAY_PAGE, {"day": "2020-01-01"}).content.decode()
    today = staff.get(DAY_PAGE, {"day": str(DAY)}).content.decode()

    assert "No bills are expected for this day." in never
    assert "This day is not over." in today


def test_bad_and_missing_bills_are_seen(staff, bank, time_machine):
    time_machine.move_to(noon(DAY))
    bank.issue(DAY, "trade", [line_of(paid("ORDER1"))])
    bank.digests[DAY, "trade"] = "another"
    a_day_after = {"day": str(DAY)}
    time_machine.move_to(noon(DAY).replace(day=DAY.day + 1))
    jobs_until_quiet(time_machine, rounds=1)

    bad = staff.get(DAY_PAGE, a_day_after).content.decode()
    desk = staff.get(reverse("admin:index")).content.decode()

    assert "A bill is not what it says it is." in bad
    assert "digest" in bad
    assert "Bills that are not what they say they are" in desk
    assert staff.get(BILLS, {"todo": "bad"}).context["cl"].result_count == 1
    assert staff.get(BILLS, {"todo": "late"}).status_code == 200


def test_pages_ask_as_much_for_many_cases_as_for_few(staff, bank, time_machine):
    a_day(bank, time_machine, orphans=2)
    urls = [f"{DAY_PAGE}?day={DAY}", CASES, case_page(the_orphan()), BILLS]
    urls += [
        reverse("admin:reconciliation_bill_change", args=[the_bill().pk]),
        reverse("admin:reconciliation_bill_lines", args=[the_bill().pk]),
    ]
    for url in urls:
        staff.get(url)
    few = [questions(staff, url) for url in urls]
    case = the_orphan()
    for number in range(12):
        ReconciliationCase.objects.filter(pk=case.pk).update(owner=f"p{number}")
        case.pk, case.case_no = None, f"X{number:010d}"
        case.own_no = f"PMORE{number}"
        ReconciliationCase.objects.bulk_create([case])
        case = the_orphan()

    assert [questions(staff, url) for url in urls] == few
    assert max(few) <= 40


def test_who_may_not_look_sees_nothing(bank, time_machine):
    a_day(bank, time_machine)
    nobody = signed_in(clerk("an"))
    bill, case = the_bill(), the_orphan()
    urls = [
        DAY_PAGE,
        BILLS,
        CASES,
        DELIVER,
        case_page(case),
        reverse("admin:reconciliation_bill_change", args=[bill.pk]),
        reverse("admin:reconciliation_bill_paper", args=[bill.pk]),
        reverse("admin:reconciliation_bill_lines", args=[bill.pk]),
    ]

    assert [nobody.get(url).status_code for url in urls] == [403] * len(urls)
    assert press(nobody, case, "note", reason="x").status_code == 403
    assert DAY_PAGE not in nobody.get(reverse("admin:index")).content.decode()


def test_looking_is_not_changing(bank, time_machine):
    a_day(bank, time_machine)
    looker = signed_in(clerk("an", *VIEW))
    case, bill = the_orphan(), the_bill()
    wish = reverse("admin:reconciliation_bill_wish", args=[bill.pk])

    page = looker.get(case_page(case)).content.decode()
    said = [press(looker, case, what, reason="x", action="hang_up") for what in ("take", "propose")]

    assert "What shall become of it?" not in page
    assert [answer.status_code for answer in said] == [403, 403]
    assert looker.post(wish, {"wish": "compare"}).status_code == 403
    assert looker.get(DELIVER).status_code == 403
    assert the_orphan().state == "open"


def test_one_proposes_and_another_decides(bank, time_machine):
    a_day(bank, time_machine)
    one, other, case = signed_in(cashier()), signed_in(second()), the_orphan()
    before = one.get(case_page(case)).content.decode()

    proposed = press(one, case, "propose", action="hang_up", reason="nobody knows it")
    own = press(one, case, "approve")
    shown = other.get(case_page(case)).content.decode()
    decided = press(other, case, "approve")

    assert "¥4.98 between clearing (1101) and money without an order (2901)" in before
    assert "A second person has to decide it" in proposed.content.decode()
    assert own.status_code == 403
    assert "nobody knows it" in shown
    assert "It is decided and booked." in decided.content.decode()
    assert the_orphan().state == "hung"
    assert balance("2901", reference=case.case_no) == -498
    assert "¥4.98" in other.get(DAY_PAGE, {"day": str(DAY)}).content.decode()


def test_who_may_do_both_still_does_not_decide_her_own(bank, time_machine):
    a_day(bank, time_machine)
    person = clerk("both", *VIEW, "change_reconciliationcase", "decide_reconciliationcase")
    both, case = signed_in(person), the_orphan()

    press(both, case, "propose", action="hang_up", reason="nobody knows it")
    refused = press(both, case, "approve")

    assert "A second person has to decide it" in refused.content.decode()
    assert the_orphan().state == "proposed"
    assert balance("2901") == 0


def test_a_proposal_is_refused_or_taken_back(bank, time_machine):
    a_day(bank, time_machine)
    one, other, case = signed_in(cashier()), signed_in(second()), the_orphan()

    press(one, case, "propose", action="accept_bill", reason="small")
    press(other, case, "reject", reason="ask the bank first")
    refused = the_orphan().state
    press(one, case, "propose", action="accept_bill", reason="small")
    press(one, case, "reject", reason="taken back")

    assert (refused, the_orphan().state) == ("open", "open")
    assert "ask the bank first" in one.get(case_page(case)).content.decode()
    assert press(one, case, "reject", reason="again").status_code == 200


def test_what_was_typed_is_kept_when_it_is_refused(bank, time_machine):
    a_day(bank, time_machine)
    one, case = signed_in(cashier()), the_orphan()

    said = press(one, case, "propose", action="believe_bill", reason="as the bank wrote")

    text = said.content.decode()
    assert "cannot be decided" in text
    assert "as the bank wrote</textarea>" in text
    assert the_orphan().state == "open"


def test_a_remark_and_an_owner_stand_in_the_story(bank, time_machine):
    a_day(bank, time_machine)
    one, case = signed_in(cashier()), the_orphan()

    press(one, case, "take")
    press(one, case, "note", reason="called the bank")
    mine = one.get(CASES, {"waiting": "mine"}).context["cl"].result_list
    text = one.get(case_page(case)).content.decode()

    assert list(mine) == [case]
    assert "called the bank" in text
    assert "taken in hand" in text
    assert "taken care of by xiaomei" in text


def test_a_bill_is_wished_for_again_and_compared_again(bank, time_machine):
    a_day(bank, time_machine)
    one, bill = signed_in(cashier()), the_bill()
    wish = reverse("admin:reconciliation_bill_wish", args=[bill.pk])

    one.post(wish, {"wish": "compare"})
    compared = the_bill().state
    jobs_until_quiet(time_machine, rounds=1)
    one.post(wish, {"wish": "fetch"})
    is_busy = "data-refresh-seconds" in one.get(DAY_PAGE, {"day": str(DAY)}).content.decode()
    refused = one.post(wish, {"wish": "close"}, follow=True).content.decode()

    assert compared == "imported"
    assert the_bill().state == "matched"
    assert is_busy
    assert "cannot be closed yet" in refused
    assert one.get(wish).status_code == 302


def test_the_paper_comes_as_it_came(staff, bank, time_machine):
    a_day(bank, time_machine)

    answer = staff.get(reverse("admin:reconciliation_bill_paper", args=[the_bill().pk]))

    assert b"".join(answer.streaming_content) == bank.papers[DAY, "trade"]
    assert "attachment" in answer["Content-Disposition"]


def test_a_line_is_found_by_its_number(staff, bank, time_machine):
    wrong = a_day(bank, time_machine)
    url = reverse("admin:reconciliation_bill_lines", args=[the_bill().pk])

    all_of_it = staff.get(url).content.decode()
    one = staff.get(url, {"q": wrong.payment_no}).content.decode()
    none = staff.get(url, {"q": "P-NO-SUCH"}).content.decode()

    assert "PSTRANGE0" in all_of_it
    assert wrong.payment_no in one
    assert "PSTRANGE0" not in one
    assert "no line about P-NO-SUCH" in none


def test_a_bill_brought_by_hand_is_compared_like_any_other(bank, time_machine):
    wrong = a_day(bank, time_machine)
    one = signed_in(cashier())
    content = paper(DAY, "trade", [Line("pay", wrong.payment_no, 19200, 73, "A1", at=noon(DAY))])
    wish = {"account_code": "paper", "day": str(DAY), "kind": "trade"}

    bad = one.post(DELIVER, {**wish, "paper": io.BytesIO(b"garbage")}, follow=True)
    done = one.post(DELIVER, {**wish, "paper": io.BytesIO(content)}, follow=True)
    empty = one.post(DELIVER, {**wish, "paper": io.BytesIO(b"")})
    future = one.post(DELIVER, {**wish, "day": "2999-01-01", "paper": io.BytesIO(content)})

    assert "not what it says it is" in bad.content.decode()
    assert "The bill is kept, read and compared." in done.content.decode()
    assert the_bill().source == "by hand: xiaomei"
    assert the_bill().version > 1
    assert empty.context["form"].errors["paper"]
    assert "This day is not over." in future.content.decode()


def test_a_big_bill_is_left_to_the_runner(bank, time_machine, monkeypatch):
    wrong = a_day(bank, time_machine)
    monkeypatch.setattr(recon_deliver, "READ_NOW_BYTES_MAX", 10)
    content = paper(DAY, "trade", [Line("pay", wrong.payment_no, 19200, 73, "A1", at=noon(DAY))])
    wish = {"account_code": "paper", "day": str(DAY), "kind": "trade"}

    said = signed_in(cashier()).post(DELIVER, {**wish, "paper": io.BytesIO(content)}, follow=True)
    before = Bill.objects.order_by("-version")[0].state
    jobs_until_quiet(time_machine, rounds=1)

    assert "It is being read and compared." in said.content.decode()
    assert "data-refresh-seconds" in said.content.decode()
    assert (before, the_bill().version) == ("fetched", 2)


def test_cases_go_into_a_spreadsheet_without_computing_there(staff, bank, time_machine):
    a_day(bank, time_machine)
    case = the_orphan()
    ReconciliationCase.objects.filter(pk=case.pk).update(party="=1+1", reason="@evil")
    chosen = {"_selected_action": [case.pk]}

    table = staff.post(CASES, {**chosen, "action": "export_csv"})
    book = staff.post(CASES, {**chosen, "action": "export_xlsx"})

    text = b"".join(table.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.startswith("\ufeff")
    assert len(rows) == 2
    assert "'=1+1" in rows[1]
    assert "'@evil" in rows[1]
    assert "5.00" in rows[1]
    assert b"".join(book.streaming_content)[:2] == b"PK"


def test_a_day_goes_into_a_spreadsheet(staff, bank, time_machine):
    wrong = a_day(bank, time_machine)

    table = staff.get(DAY_PAGE, {"day": str(DAY), "export": "csv"})
    book = staff.get(DAY_PAGE, {"day": str(DAY), "export": "xlsx"})

    text = b"".join(table.streaming_content).decode()
    assert f"reconciliation-{DAY:%Y%m%d}.csv" in table["Content-Disposition"]
    assert wrong.payment_no in text
    assert "388.00" in text
    assert b"".join(book.streaming_content)[:2] == b"PK"


@pytest.mark.parametrize(
    "query",
    [
        "?day=2026-13-99",
        "?day=x",
        "?day=%00",
        "?day=0001-01-01",
        "?day=9999-12-31",
        "?equation=%00",
        "?page=99999999999999999999",
        "?q=%00",
        "?waiting=%00",
        "?todo=%00",
        "?day_from=x&day_to=%00",
        "?day__year=99999999",
        "?state__exact=%27%22",
        "?bill__kind__exact=nothing",
        "?p=-1",
        "?o=99.-99",
    ],
)
def test_odd_questions_are_answered(staff, bank, time_machine, query):
    a_day(bank, time_machine)
    pages = [DAY_PAGE, CASES, BILLS, f"{BILLS}{the_bill().pk}/lines/"]

    answers = [staff.get(f"{page}{query}", follow=True).status_code for page in pages]

    assert set(answers) == {400 if "%00" in query else 200}


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "-1", "x"])
def test_odd_numbers_find_nothing(staff, bank, number):
    pages = [f"{BILLS}{number}/{page}/" for page in ("paper", "lines", "wish")]
    pages += [f"{CASES}{number}/act/", f"{CASES}{number}/change/"]

    assert {staff.get(page, follow=True).status_code for page in pages} <= {200, 404}
    assert {staff.post(page).status_code for page in pages} <= {302, 403, 404}


def test_odd_words_change_nothing(staff, bank, time_machine):
    a_day(bank, time_machine)
    case = the_orphan()

    assert press(staff, case, "explode").status_code == 404
    assert press(staff, case, "note", reason="\x00").status_code == 400
    assert press(staff, case, "propose", action="\x00", reason="x").status_code == 400
    assert press(staff, case, "propose", action="长" * 5000, reason="x").status_code == 200
    assert press(staff, case, "note", reason="长" * 5000).status_code == 200
    assert the_orphan().state == "open"


def test_without_its_token_nothing_is_done(bank, time_machine):
    a_day(bank, time_machine)
    client, case = Client(enforce_csrf_checks=True), the_orphan()
    client.force_login(cashier())
    posts = [
        reverse("admin:reconciliation_case_act", args=[case.pk]),
        reverse("admin:reconciliation_bill_wish", args=[the_bill().pk]),
        DELIVER,
    ]

    answers = [client.post(url, {"what": "take", "wish": "compare"}) for url in posts]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert (the_orphan().owner, the_bill().state) == ("", "matched")
