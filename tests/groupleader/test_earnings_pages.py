"""The leader's money pages: hers only, explained, in a constant number of questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from groupleader.models import Leader
from groupleader.services.statements import dispute_statement
from payments.api import now
from tests.groupleader.making import (
    Order,
    line,
    make_leader,
    make_statement,
    make_user,
    order_208,
    settled_order,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["home", "arrivals", "orders", "scan", "earnings", "statements", "account"]


@pytest.fixture
def leader(client) -> Leader:
    """A leader who is signed in."""
    found = make_leader()
    client.force_login(found.user)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_sent_to_sign_in(client, name):
    answer = client.get(reverse(f"groupleader:{name}"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/leader/")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("status", [None, Leader.Status.APPLIED, Leader.Status.SUSPENDED])
def test_who_does_not_lead_is_told_so(client, name, status):
    user = make_leader(status=status).user if status else make_user("居民")
    client.force_login(user)

    answer = client.get(reverse(f"groupleader:{name}"))

    assert answer.status_code == 403
    assert "groupleader/no_entry.html" in [template.name for template in answer.templates]


def test_earnings_explain_each_line(client, leader, settings):
    settings.LANGUAGE_CODE = "en"
    Order(leader, order_208()).becomes("placed", "paid", "collected").refunds_line("C", 300, "R1")

    page = client.get("/leader/earnings/").content.decode()

    assert "¥20.50" in page
    assert "collected, may be complained about" in page
    assert "/leader/earnings/" in page


def test_earnings_of_one_state(client, leader):
    Order(leader, [line("paid", 10_000)]).becomes("placed", "paid")
    settled_order(leader, [line("done", 30_000)])

    page = client.get("/leader/earnings/?state=available")

    (order,) = page.context["orders"]
    assert [row.terms.line_id for row in order.lines] == ["done"]
    assert client.get("/leader/earnings/?state=nonsense").context["wanted"].status == ""


def test_the_curve_shows_fourteen_days_of_shanghai(client, leader):
    with time_machine.travel(now() - timedelta(days=13)):
        settled_order(leader, [line("first", 10_000)])
    with time_machine.travel(now() - timedelta(days=20)):
        settled_order(leader, [line("before", 50_000)])
    settled_order(leader, [line("today", 20_000)])

    curve = client.get("/leader/earnings/").context["curve"]

    amounts = [day.amount_minor for day in curve.days]
    assert amounts == [1_000, *[0] * 12, 2_000]
    assert curve.sum_minor == 3_000
    assert curve.days[-1].y < curve.days[0].y < curve.days[1].y


def test_a_statement_shows_how_it_adds_up_and_can_be_confirmed(client, leader):
    statement = make_statement(leader, 9_000_000)
    url = reverse("groupleader:statement", args=[statement.statement_no])

    page = client.get(url)
    assert "¥8,934.00" in page.content.decode()

    answer = client.post(f"{url}confirm/")
    statement.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert statement.status == "confirmed"

    client.post(f"{url}confirm/")
    assert statement.events.filter(what="confirmed").count() == 1
    assert client.get(url).status_code == 200


def test_a_statement_can_be_disputed_with_a_reason(client, leader):
    statement = make_statement(leader)
    url = reverse("groupleader:statement", args=[statement.statement_no])

    client.post(f"{url}dispute/", {"reason": " "})
    statement.refresh_from_db()
    assert statement.status == "issued"

    client.post(f"{url}dispute/", {"reason": "少了一单"})
    statement.refresh_from_db()
    assert (statement.status, statement.dispute) == ("disputed", "少了一单")
    assert "少了一单" in client.get(url).content.decode()


@pytest.mark.parametrize("action", ["", "confirm/", "dispute/"])
def test_another_leaders_statement_does_not_exist(client, leader, action):
    other = make_statement(make_leader("李姐"))
    url = reverse("groupleader:statement", args=[other.statement_no]) + action

    answer = client.post(url, {"reason": "x"}) if action else client.get(url)

    other.refresh_from_db()
    assert (answer.status_code, other.status) == (404, "issued")


def test_nothing_of_another_leader_is_listed(client, leader):
    other = make_leader("李姐")
    make_statement(other, 70_000)
    settled_order(other, [line("secret", 12_300)])

    earnings = client.get("/leader/earnings/")

    assert list(earnings.context["page"]) == []
    assert sum(each.amount_minor for each in earnings.context["sums"]) == 0
    assert list(client.get("/leader/statements/").context["page"]) == []


def test_the_account_is_changed_after_a_fresh_sign_in_only(client, leader):
    account = {"bank": "邮储银行", "holder": "王姐", "account": "6221 8812 3456 7892"}
    leader.user.last_login = now() - timedelta(minutes=11)
    leader.user.save()

    assert client.get("/leader/account/").context["is_fresh"] is False
    client.post("/leader/account/", account)
    leader.refresh_from_db()
    assert leader.payee_last4 == "0123"

    client.force_login(leader.user)
    client.post("/leader/account/", account)
    leader.refresh_from_db()
    assert (leader.payee_last4, leader.payee_bank) == ("7892", "邮储银行")
    assert leader.payee_changed_at is not None
    assert "6221881234567892" not in leader.payee_account_sealed
    page = client.get("/leader/account/")
    assert page.context["is_cooling"] is True
    assert "6221881234567892" not in page.content.decode()


@pytest.mark.parametrize(
    "number", ["", "12", "62218812345678901234567890123456789", "abcdefgh123", "٦٢٢١٨٨١٢٣٤"]
)
def test_a_number_that_is_none_is_refused(client, leader, number):
    answer = client.post("/leader/account/", {"bank": "b", "holder": "h", "account": number})

    leader.refresh_from_db()
    assert (answer.status_code, leader.payee_last4) == (200, "0123")


def test_signing_in_again_comes_back_to_the_account(client, leader):
    answer = client.post("/leader/account/sign-in/")

    assert answer["Location"] == "/sign-in/?next=/leader/account/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("name", "most"), [("earnings", 10), ("statements", 6), ("statement", 16), ("account", 5)]
)
def test_the_questions_asked_do_not_grow(client, leader, django_assert_max_num_queries, name, most):
    statement = make_statement(leader, 10_000)
    dispute_statement(statement=statement, reason="x", by=leader.user)
    args = [statement.statement_no] if name == "statement" else []
    url = reverse(f"groupleader:{name}", args=args)
    with django_assert_max_num_queries(most) as few:
        client.get(url)

    for nth in range(6):
        settled_order(leader, [line(f"more{nth}", 10_000), line(f"extra{nth}", 5_000)])
    make_statement(leader, 20_000)

    with django_assert_max_num_queries(most) as many:
        client.get(url)
    assert len(many) == len(few)
