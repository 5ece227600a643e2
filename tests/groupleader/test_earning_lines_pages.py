"""A leader's earnings: order by order, narrowed, taken along, and each line explained in words."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from groupleader.models import CommissionAccrual, CommissionRule, KeeperShare, Leader
from payments.api import now
from tests.groupleader.making import (
    Order,
    line,
    make_leader,
    make_statement,
    order_208,
    settled_order,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leader(client, settings) -> Leader:
    """A leader who is signed in and reads English."""
    settings.LANGUAGE_CODE = "en"
    found = make_leader()
    client.force_login(found.user)
    return found


def page_of(client, accrual) -> str:
    """The page that explains a line."""
    return client.get(reverse("groupleader:earning-line", args=[accrual.pk])).content.decode()


def test_a_line_says_base_rate_sum_and_what_it_waits_for(client, leader):
    CommissionRule.objects.create(
        scope="category", target="31", rate="0.12", valid_from=now(), note="水果季"
    )
    order = Order(leader, order_208()).becomes("placed", "paid")
    window = {"window_ends_at": (now() + timedelta(days=7)).isoformat()}
    order.tell("order.collected", window, key="collected")
    order.refunds_line("C", 300, "R1")

    page = page_of(client, CommissionAccrual.objects.get(terms__line_id="C"))

    assert "¥80.00 × 12% = ¥9.60" in page
    assert "rule for this category" in page
    assert "水果季" in page
    assert "¥3.00" in page
    assert "−¥0.36" in page
    assert "It goes into the statement 2" in page


def test_a_fixed_amount_and_a_keepers_share_are_counted_before_her_eyes(client, leader):
    CommissionRule.objects.create(scope="item", target="7", fixed_minor=150, valid_from=now())
    keeper = make_leader("老周")
    KeeperShare.objects.create(point_ref="12", keeper=keeper, share="0.1", since=now())
    order = Order(leader, [line("A", 9_000, quantity=3)])
    order._payload["pickup_point_id"] = 12
    order.becomes("placed", "paid")

    hers, his = CommissionAccrual.objects.order_by("pk")

    page = page_of(client, hers)
    assert "¥1.50 × 3 = ¥4.50" in page
    assert "10% of it, ¥0.45, goes to the keeper of the point; ¥4.05 is yours." in page
    assert client.get(f"/leader/earnings/{his.pk}/").status_code == 404
    client.force_login(keeper.user)
    assert "your share is 10%: ¥0.45" in page_of(client, his)


@pytest.mark.parametrize("facts", [["paid"], ["paid", "collected"], ["paid", "refunded"]])
def test_each_state_has_its_sentence(client, leader, facts):
    Order(leader, [line("A", 9_000)]).becomes("placed", *facts)

    page = page_of(client, CommissionAccrual.objects.get())

    said = {"paid": "once the goods are collected", "collected": "Collected on"}
    assert said.get(facts[-1], "nothing is earned") in page


def test_settled_lines_lead_to_their_statement(client, leader):
    statement = make_statement(leader, 10_000)
    terms = statement.accruals.get().terms
    Order(leader, [], order_no=terms.order_no).refunds_line(terms.line_id, 5_000, "R9")

    first, negative = CommissionAccrual.objects.order_by("pk")

    assert statement.statement_no in page_of(client, first)
    assert "it lowers your next statement" in page_of(client, negative)


def test_another_leaders_line_is_not_there(client, leader):
    Order(make_leader("李姐"), [line("A", 9_000)]).becomes("placed", "paid")

    url = reverse("groupleader:earning-line", args=[CommissionAccrual.objects.get().pk])

    assert client.get(url).status_code == 404


def test_orders_are_narrowed_by_state_day_and_group(client, leader):
    with time_machine.travel(now() - timedelta(days=3)):
        old = settled_order(leader, [line("old", 30_000)])
    new = Order(leader, [line("new", 10_000), line("new2", 5_000)])
    new._payload["group_id"] = 9
    new.becomes("placed", "paid")

    def found(query: str) -> list[str]:
        page = client.get(f"/leader/earnings/?{query}")
        return [order.order_no for order in page.context["orders"]]

    today = f"{now():%Y-%m-%d}"
    assert found("") == [new.order_no, old.order_no]
    assert found("state=available") == [old.order_no]
    assert found("group=9") == [new.order_no]
    assert found(f"until={(now() - timedelta(days=2)):%Y-%m-%d}") == [old.order_no]
    assert found(f"since={today}") == [new.order_no]
    for nonsense in ("state=x", "since=0000-99-99", "until=9999-12-31", "group=" + "9" * 400):
        assert found(nonsense) == [new.order_no, old.order_no]
    assert client.get("/leader/earnings/?page=999&step=nonsense").status_code == 200


@pytest.mark.parametrize(("step", "steps"), [("day", 14), ("week", 12), ("month", 12)])
def test_the_curve_adds_up_by_day_week_or_month(client, leader, step, steps):
    for days in (0, 1, 8):
        with time_machine.travel(now() - timedelta(days=days)):
            settled_order(leader, [line(f"{step}{days}", 10_000)])

    curve = client.get(f"/leader/earnings/?step={step}").context["curve"]

    assert (len(curve.days), curve.sum_minor) == (steps, 3_000)


def test_a_page_asks_no_more_for_more_orders(client, leader, django_assert_max_num_queries):
    settled_order(leader, order_208("a"))
    client.get("/leader/earnings/")
    with django_assert_max_num_queries(20) as few:
        client.get("/leader/earnings/")
    for letter in "bcd":
        settled_order(leader, order_208(letter))
    with django_assert_max_num_queries(20) as many:
        client.get("/leader/earnings/")

    assert len(many) == len(few)


def test_the_file_has_what_an_accountant_asks_for(client, leader):
    order = settled_order(leader, [line("A", 9_999, title="=1+1")])
    order.refunds_line("A", 3_333, "R1")
    Order(make_leader("李姐"), [line("Z", 9_000)]).becomes("placed", "paid")

    answer = client.get("/leader/earnings/lines.xlsx?state=available")

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][0] == order.order_no
    assert rows[1][2] == "'=1+1"
    assert [float(cell) for cell in rows[1][7:10]] == [9.99, 3.33, 6.66]


def test_her_place_is_shown_and_nobody_elses_money(client, leader, settings):
    for name, value in (("李建国", 50_000), ("赵姐", 10_000)):
        settled_order(make_leader(name), [line(name, value)])
    settled_order(leader, [line("mine", 20_000)])

    page = client.get("/leader/earnings/place/")
    ranking = page.context["ranking"]

    assert (ranking.place, ranking.count) == (2, 3)
    assert [row.name for row in ranking.shown] == ["李**", "王姐", "赵**"]
    assert "¥" not in page.content.decode().split("<main")[1]
    assert client.get("/leader/earnings/place/?month=last").context["ranking"].place is None

    settings.LINLI_LEADER_RANKING = False
    assert client.get("/leader/earnings/place/").status_code == 404
