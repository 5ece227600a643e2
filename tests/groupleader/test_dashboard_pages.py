"""The operator's pages: leaders side by side, who needs help, the settlement calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
import time_machine
from django.urls import reverse

from groupleader.dashboard import calendar
from groupleader.dashboard.figures import LeaderFigures, Row, ranked, row_of, show, totals_of
from groupleader.dashboard.help import in_need
from groupleader.models import Leader, SettlementStatement
from payments.api import day_bounds, now
from tests.groupleader.making import make_leader, make_statement, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(client, settings):
    """A superuser at the admin, in English."""
    settings.LANGUAGE_CODE = "en"
    user = make_user("运营", is_staff=True)
    client.force_login(user)
    return user


def figures(**numbers: int) -> LeaderFigures:
    """Figures of a period."""
    return LeaderFigures(**numbers)


def row(name: str, now_: LeaderFigures, then: LeaderFigures | None = None) -> Row:
    """A leader's row, of a leader who has just begun."""
    return row_of(make_leader(name), now_, then or figures())


def test_rates_are_what_their_formulas_say():
    one = figures(
        orders=10,
        goods_minor=100_000,
        paid_minor=80_000,
        refunded_minor=2_000,
        residents=8,
        came_back=2,
        collected=9,
        left_lying=1,
        cases=3,
    )

    assert (one.repeat_rate, one.on_time_rate) == (0.25, 0.9)
    assert (round(one.complaint_rate, 4), one.refund_rate) == (0.3333, 0.025)
    nobody = figures()
    assert {nobody.repeat_rate, nobody.on_time_rate, nobody.complaint_rate} == {None}
    assert [show(0.084, "share"), show(123_450, "money"), show(None, "count")] == [
        "8.4 %",
        "¥1,234.50",
        "–",
    ]


def test_leaders_are_sorted_either_way_and_who_has_no_figure_comes_last():
    rows = [
        row("甲", figures(goods_minor=1, collected=10, cases=1)),
        row("乙", figures(goods_minor=3)),
        row("丙", figures(goods_minor=2, collected=10, cases=5)),
    ]

    def names(key: str, *, descending: bool) -> str:
        return "".join(each.leader.name for each in ranked(rows, key=key, descending=descending))

    assert names("sales", descending=True) == "乙丙甲"
    assert names("complaints", descending=True) == "丙甲乙"
    assert names("complaints", descending=False) == "甲丙乙"
    assert totals_of(rows).now.complaint_rate == 0.3


def test_a_change_for_the_worse_is_marked_whichever_way_it_goes():
    sales, *_rest, complaints, _refunds = row(
        "甲",
        figures(goods_minor=50, collected=10, cases=2),
        figures(goods_minor=100, collected=10, cases=1),
    ).cells

    assert (sales.change, sales.is_worse) == ("−50.0 %", True)
    assert complaints.is_worse


def codes(*rows: Row) -> list[str]:
    """Why the one leader needs help."""
    return [reason.code for one in in_need(list(rows)) for reason in one.reasons]


def test_who_needs_help_and_why(settings):
    good = figures(orders=20, goods_minor=100, collected=20)

    assert codes(row("甲", good, good)) == []
    fallen = row("乙", figures(orders=5, goods_minor=60), good)
    assert codes(fallen) == ["sales_fell"]
    assert codes(row("丙", figures(collected=20, cases=2))) == ["complaints"]
    assert codes(row("丁", figures(collected=18, left_lying=2))) == ["left_lying"]
    assert codes(row("戊", figures(collected=2, cases=2))) == []  # too few to say anything
    Leader.objects.filter(name="甲").update(created_at=now() - timedelta(days=60))
    old = Leader.objects.get(name="甲")
    assert codes(row_of(old, good, good)) == ["no_group"]


def test_money_that_is_stuck_is_help_needed():
    leader = make_leader("王姐", payee=False)
    statement = make_statement(leader)
    SettlementStatement.objects.filter(pk=statement.pk).update(status="disputed", dispute="少了")

    (one,) = in_need([row_of(leader, figures(), figures())])

    assert [reason.code for reason in one.reasons] == ["disputed"]
    assert statement.statement_no in one.reasons[0].text
    SettlementStatement.objects.filter(pk=statement.pk).update(status="confirmed")
    assert codes(row_of(leader, figures(), figures())) == ["no_payee"]


@pytest.mark.parametrize(
    ("kind", "days"), [("week", [5, 12]), ("half_month", [1, 16]), ("month", [1]), ("day", [1, 2])]
)
def test_statements_are_cut_on_the_first_day_after_their_period(kind, days):
    first = date(2026, 10, 1)

    found = list(islice(calendar.cut_days(kind, first), len(days)))

    assert found == [first.replace(day=day) for day in days]


def test_the_calendar_knows_what_is_cut_when_and_what_the_tax_office_wants(settings):
    settings.LINLI_SETTLEMENT_PERIOD = "week"
    with time_machine.travel(day_bounds(date(2026, 10, 6))[0]):
        make_leader("王姐")
        make_leader("李哥", settlement_period="half_month")
        sheet = calendar.month_of(date(2026, 10, 1))

    due = {day.day.day: [one.kind for one in day.due] for day in sheet if day.is_of_month}
    assert {day: kinds for day, kinds in due.items() if kinds} == {
        12: ["cut"],
        15: ["tax"],
        16: ["cut"],
        19: ["cut"],
        26: ["cut"],
        31: ["tax"],
    }
    assert len(sheet) % 7 == 0
    assert sheet[0].day.weekday() == 0


def test_the_pages_are_shown_with_their_figures(client, clerk):
    statement = make_statement(make_leader("王姐"), 100_000)

    page = client.get(reverse("admin:groupleader_calendar")).content.decode()
    assert statement.net_minor == 10_000
    assert "¥100.00" in page

    url = reverse("admin:groupleader_dashboard")
    page = client.get(url)
    assert page.status_code == 200
    assert "王姐" in page.content.decode()
    for query in (
        "since=x&until=y",
        "since=2026-12-31&until=2026-01-01",
        "since=0001-01-01&until=9999-12-31",
        "by=nonsense&order=up&page=99",
        "by=repeat&order=up",
        "export=csv",
        "export=xlsx",
    ):
        assert client.get(f"{url}?{query}").status_code == 200
    for month in ("2026-02", "9999-12", "0000-00", "x", "2026-02-30"):
        assert (
            client.get(reverse("admin:groupleader_calendar"), {"month": month}).status_code == 200
        )


def test_the_dashboard_asks_no_more_for_more_leaders(client, clerk, django_assert_max_num_queries):
    url = reverse("admin:groupleader_dashboard")
    make_statement(make_leader("一"))
    client.get(url)
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for name in "二三四":
        make_statement(make_leader(name))
    with django_assert_max_num_queries(40) as many:
        client.get(url)

    assert len(many) == len(few)
