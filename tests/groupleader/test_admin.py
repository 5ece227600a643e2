"""The clerk's side: leaders let in, statements cut, approved with four eyes, answered and paid."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from groupleader.models import CommissionRule, Leader, SettlementStatement
from groupleader.services.statements import confirm_statement, dispute_statement
from payments.api import now
from tests.groupleader.making import (
    line,
    make_leader,
    make_statement,
    make_user,
    settled_order,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(client):
    """A superuser at the admin."""
    user = make_user("财务", is_staff=True)
    client.force_login(user)
    return user


def act(client, model: str, action: str, *rows):
    """Choose rows in a list and an action."""
    url = reverse(f"admin:groupleader_{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows]})


def test_a_leader_whom_staff_know_is_let_in(client, clerk):
    leader = make_leader(status=Leader.Status.APPLIED)

    act(client, "leader", "activate", leader)
    leader.refresh_from_db()
    assert leader.status == "active"

    act(client, "leader", "activate", leader)
    leader.refresh_from_db()
    assert leader.status == "active"


def test_an_account_is_not_typed_into_a_leaders_form(client, clerk):
    leader = make_leader()
    url = reverse("admin:groupleader_leader_change", args=[leader.pk])
    form = {"name": "王姐", "tier": "gold", "tax_regime": "per_payment", "settlement_period": "day"}

    sent = form | {"payee_name": "别人", "new_account": "6221881234567890"}
    assert client.post(url, sent).status_code == 302
    was = leader.payee_name, leader.payee_last4
    leader.refresh_from_db()

    assert (leader.tier, leader.settlement_period) == ("gold", "day")
    assert (leader.payee_name, leader.payee_last4) == was
    assert leader.payee_masked in client.get(url).content.decode()


def test_a_statement_is_cut_by_hand_and_approved(client, clerk):
    leader, idle = make_leader(), make_leader("李姐")
    settled_order(leader, [line("A", 20_800)])

    act(client, "leader", "cut_now", leader, idle)
    statement = SettlementStatement.objects.get()
    act(client, "settlementstatement", "approve", statement)
    statement.refresh_from_db()
    assert statement.status == "issued"

    confirm_statement(statement=statement, by=leader.user)
    act(client, "settlementstatement", "approve", statement)
    statement.refresh_from_db()
    assert (statement.status, statement.approved_by) == ("approved", clerk)


def test_a_large_one_waits_for_a_second_person(client, clerk, settings):
    settings.LINLI_PAYOUT_FOUR_EYES_MINOR = 1_000
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)

    act(client, "settlementstatement", "approve", statement)
    act(client, "settlementstatement", "approve", statement)
    statement.refresh_from_db()
    assert (statement.status, statement.first_approved_by) == ("confirmed", clerk)

    client.force_login(make_user("会计", is_staff=True))
    act(client, "settlementstatement", "approve", statement)
    statement.refresh_from_db()
    assert statement.status == "approved"


def test_who_may_only_look_can_neither_approve_nor_pay(client):
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)
    reader = make_user("实习", is_staff=True)
    reader.is_superuser = False
    reader.save()
    reader.user_permissions.set(
        Permission.objects.filter(codename__in=["view_settlementstatement", "view_payout"])
    )
    client.force_login(reader)

    act(client, "settlementstatement", "approve", statement)
    act(client, "settlementstatement", "pay", statement)
    url = reverse("admin:groupleader_settlementstatement_change", args=[statement.pk])

    statement.refresh_from_db()
    assert (statement.status, statement.payouts.count()) == ("confirmed", 0)
    assert client.get(url).status_code == 200
    assert client.post(url, {"gross_minor": 1}).status_code == 403


def test_a_dispute_is_answered(client, clerk):
    leader = make_leader()
    statement = make_statement(leader)
    dispute_statement(statement=statement, reason="少了一单", by=leader.user)
    detail = client.get(
        reverse("admin:groupleader_settlementstatement_change", args=[statement.pk])
    )
    url = reverse("admin:groupleader_settlementstatement_desk", args=[statement.pk])
    assert url in detail.content.decode()

    assert "少了一单" in client.get(url).content.decode()
    client.post(url, {"answer": " "})
    statement.refresh_from_db()
    assert statement.status == "disputed"
    client.post(url, {"answer": "明天关单"})

    statement.refresh_from_db()
    assert statement.status == "answered"
    assert statement.events.last().note == "明天关单"


def test_an_approved_statement_is_paid_from_the_list(client, clerk, acquirer):
    leader = make_leader()
    statement = make_statement(leader)
    confirm_statement(statement=statement, by=leader.user)
    act(client, "settlementstatement", "pay", statement)
    assert not statement.payouts.exists()

    act(client, "settlementstatement", "approve", statement)
    act(client, "settlementstatement", "pay", statement)
    statement.refresh_from_db()
    assert (statement.status, statement.payouts.get().started_by) == ("paying", clerk)


@pytest.mark.parametrize(
    "model", ["commissionaccrual", "commissionterms", "settlementstatement", "payout"]
)
def test_money_rows_are_neither_added_nor_changed_nor_deleted(client, clerk, model):
    statement = make_statement(make_leader())
    row = {
        "commissionaccrual": statement.accruals.get(),
        "commissionterms": statement.accruals.get().terms,
        "settlementstatement": statement,
    }.get(model)

    assert client.get(reverse(f"admin:groupleader_{model}_add")).status_code == 403
    if row is not None:
        change = reverse(f"admin:groupleader_{model}_change", args=[row.pk])
        delete = reverse(f"admin:groupleader_{model}_delete", args=[row.pk])
        assert client.get(change).status_code == 200
        assert client.post(change, {}).status_code == 403
        assert client.post(delete, {"post": "yes"}).status_code == 403


def test_rules_are_written_and_ended_but_not_deleted(client, clerk):
    rule = CommissionRule.objects.create(scope="default", rate="0.1", valid_from=now())

    delete = reverse("admin:groupleader_commissionrule_delete", args=[rule.pk])

    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert CommissionRule.objects.exists()


@pytest.mark.parametrize("model", ["leader", "commissionaccrual", "settlementstatement"])
def test_a_list_asks_no_more_for_more_rows(client, clerk, django_assert_max_num_queries, model):
    url = reverse(f"admin:groupleader_{model}_changelist")
    make_statement(make_leader("一"))
    client.get(url)
    with django_assert_max_num_queries(20) as few:
        client.get(url)
    for name in "二三四":
        make_statement(make_leader(name))

    with django_assert_max_num_queries(20) as many:
        client.get(url)
    assert len(many) == len(few)
