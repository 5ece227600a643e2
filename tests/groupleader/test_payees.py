"""Accounts: checked digit by digit, told at once, denied by a link, changed by two of staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError
from django.urls import reverse

from groupleader.errors import PayeeCoolingError
from groupleader.models import Leader, PayeeChange, SupplierAccount
from groupleader.payout_errors import (
    AccountNumberError,
    EvidenceMissingError,
    HolderDiffersError,
    PayeeFrozenError,
    PayeeProposedError,
)
from groupleader.services.payees import (
    NewAccount,
    change_own_payee,
    decide_payee,
    deny_change,
    propose_payee,
    reveal_account,
)
from groupleader.services.payouts import open_payout
from mall.messaging.models import Message
from payments.api import SecondPersonError, deliver_pending, now
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import approved

pytestmark = pytest.mark.django_db

NEW = NewAccount(bank="邮储银行", holder="王姐", account="6222 0212 3456 7890 128")


def changed(leader: Leader) -> PayeeChange:
    change = change_own_payee(leader=leader, new=NEW, by=leader.user)
    deliver_pending()
    return change


def test_she_is_told_both_accounts_and_the_door_at_once():
    leader = make_leader()

    change = changed(leader)

    message = Message.objects.get(kind="payee.changed")
    assert (message.user_id, message.values["old"], message.values["new"]) == (
        leader.user_id,
        "中国建设银行 ····0123",
        "邮储银行 ····0128",
    )
    assert message.values["url"].endswith(reverse("groupleader:not-me", args=[change.key]))


def test_a_changed_account_waits_72_hours():
    statement = approved(leader := make_leader())
    changed(leader)
    statement.refresh_from_db()

    with pytest.raises(PayeeCoolingError):
        open_payout(statement=statement)


@pytest.mark.parametrize("number", ["12", "6222 0212 3456 7890 129", "62220212345678901x", ""])
def test_a_mistyped_number_is_refused(number):
    leader = make_leader()

    with pytest.raises(AccountNumberError):
        change_own_payee(
            leader=leader,
            new=NewAccount(bank="邮储", holder="王姐", account=number),
            by=leader.user,
        )


def test_an_account_in_another_name_needs_a_reason():
    leader = make_leader()
    other = NewAccount(bank="邮储", holder="王哥", account="6222021234567890128")

    with pytest.raises(HolderDiffersError):
        change_own_payee(leader=leader, new=other, by=leader.user)
    with_reason = NewAccount(
        bank="邮储", holder="王哥", account="6222021234567890128", reason="husband"
    )
    assert change_own_payee(leader=leader, new=with_reason, by=leader.user).reason == "husband"


def test_this_was_not_me_freezes_payouts_and_calls_staff(client):
    boss = make_user("财务", is_staff=True)
    statement = approved(leader := make_leader())
    change = changed(leader)
    url = reverse("groupleader:not-me", args=[change.key])

    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 200
    client.post(url)
    deliver_pending()

    leader.refresh_from_db()
    assert leader.payee_frozen_at is not None
    assert Message.objects.filter(kind="payee.denied", user_id=boss.pk).count() == 1
    Leader.objects.update(payee_changed_at=now() - timedelta(days=4))
    statement.refresh_from_db()
    with pytest.raises(PayeeFrozenError):
        open_payout(statement=statement)
    with pytest.raises(PayeeFrozenError):
        change_own_payee(leader=leader, new=NEW, by=leader.user)


def test_a_link_that_was_guessed_leads_nowhere(client):
    assert client.get(reverse("groupleader:not-me", args=["0" * 32])).status_code == 404
    assert client.post(reverse("groupleader:not-me", args=["0" * 32])).status_code == 404


def test_staff_change_an_account_only_in_twos_and_end_a_freeze():
    leader = make_leader()
    deny_change(change=changed(leader))
    first, second = make_user("甲", is_staff=True), make_user("乙", is_staff=True)

    change = propose_payee(party=leader, new=NEW, by=first)
    with pytest.raises(PayeeProposedError):
        propose_payee(party=leader, new=NEW, by=second)
    with pytest.raises(SecondPersonError):
        decide_payee(change=change, by=first, is_agreed=True)
    with pytest.raises(IntegrityError):
        PayeeChange.objects.filter(pk=change.pk).update(status="applied", decided_by=first)


def test_the_second_person_ends_the_freeze():
    leader = make_leader()
    deny_change(change=changed(leader))
    first, second = make_user("甲", is_staff=True), make_user("乙", is_staff=True)

    decide_payee(change=propose_payee(party=leader, new=NEW, by=first), by=second, is_agreed=True)

    leader.refresh_from_db()
    assert leader.payee_frozen_at is None
    assert leader.payee_last4 == "0128"


def test_a_suppliers_account_needs_no_check_digit_and_no_persons_name():
    supplier = SupplierAccount.objects.create(supplier_ref="5", name="绿源农场")
    new = NewAccount(bank="农商行", holder="绿源农业有限公司", account="1230 0045 6789")
    change = propose_payee(party=supplier, new=new, by=make_user("甲", is_staff=True))

    decide_payee(change=change, by=make_user("乙", is_staff=True), is_agreed=True)

    supplier.refresh_from_db()
    assert supplier.payee_masked == "农商行 ····6789"


def test_a_whole_number_is_shown_only_with_a_reason_that_is_kept():
    change = changed(make_leader())
    clerk = make_user("甲", is_staff=True)

    with pytest.raises(EvidenceMissingError):
        reveal_account(change=change, by=clerk, reason=" ")
    assert reveal_account(change=change, by=clerk, reason="bank called") == "6222021234567890128"
    assert change.reveals.get().by == clerk


def test_without_the_permission_no_number_is_shown(client):
    change = changed(make_leader())
    clerk = make_user("甲")
    clerk.is_staff = True
    clerk.save()
    clerk.user_permissions.add(Permission.objects.get(codename="view_payeechange"))
    client.force_login(clerk)

    page = client.get(reverse("admin:groupleader_payeechange_change", args=[change.pk]))
    assert b"6222021234567890128" not in page.content
    url = reverse("admin:groupleader_payee_reveal", args=[change.pk])
    assert client.post(url, {"reason": "curious"}).status_code == 403
