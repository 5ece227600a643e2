"""The desk of payouts and her account page, as people press through them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from groupleader.models import Payout, PayoutBatch, PayoutDecision, SupplierAccount
from groupleader.payout_jobs import carry_out_answers
from payments.api import deliver_pending, now
from tests.funds import put_in_own_funds
from tests.groupleader.making import make_leader, make_user
from tests.groupleader.paying import answered, approved, broken_rules, handed_out, made, result_of

pytestmark = pytest.mark.django_db


def desk(name: str, *permissions: str) -> Client:
    """A clerk at the admin; without permissions named, one who may do everything."""
    user = make_user(name, is_staff=True)
    if permissions:
        user.is_superuser = False
        user.save()
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def words(page: Any) -> str:
    return page.content.decode()


def batch_url(what: str, batch: PayoutBatch) -> str:
    return reverse(f"admin:groupleader_batch_{what}", args=[batch.pk])


def test_from_the_queue_to_the_banks_answer():
    put_in_own_funds()
    approved()
    approved(make_leader("李姐", payee=False))
    maker, checker = desk("制单"), desk("复核")

    page = words(maker.get(reverse("admin:groupleader_to_pay")))
    assert "¥20.80" in page
    said = {"what": "make", "all": "1", "layout": "generic", "form": "csv_gbk", "purpose": "佣金"}
    maker.post(reverse("admin:groupleader_to_pay"), said)
    batch = PayoutBatch.objects.get()
    sums = {"count": batch.count, "total_minor": batch.total_minor}
    maker.post(batch_url("approve", batch), sums)
    batch.refresh_from_db()
    assert batch.status == "proposed"

    checker.post(batch_url("approve", batch), {**sums, "count": 2})
    checker.post(batch_url("approve", batch), sums)
    file = checker.post(batch_url("file", batch))
    assert file["Content-Disposition"] == f'attachment; filename="{batch.batch_no}.csv"'
    assert "6217001234567890123" in file.content.decode("gbk")

    wrong = SimpleUploadedFile("r.csv", result_of(batch, "成功", amount="1.00"))
    page = words(checker.post(batch_url("result", batch), {"paper": wrong}))
    assert "1.00" in page
    right = SimpleUploadedFile("r.csv", result_of(batch, "失败:销户"))
    checker.post(batch_url("result", batch), {"paper": right})
    carry_out_answers(10)
    deliver_pending()
    carry_out_answers(10)

    page = words(checker.get(reverse("admin:groupleader_payoutbatch_change", args=[batch.pk])))
    assert "销户" in page
    batch.refresh_from_db()
    assert batch.status == "closed"
    assert broken_rules() == []


def test_lists_show_masked_accounts_and_the_export_too():
    put_in_own_funds()
    answered(handed_out(approved()), "成功")
    clerk = desk("财务")

    page = words(clerk.get(reverse("admin:groupleader_payout_changelist")))
    said = {"action": "export", "_selected_action": [Payout.objects.get().pk]}
    export = clerk.post(reverse("admin:groupleader_payout_changelist"), said)

    assert "····0123" in page
    assert "6217001234567890123" not in page
    assert export["Content-Disposition"].endswith('payouts.xlsx"')


def test_what_no_file_says_is_decided_by_two():
    put_in_own_funds()
    batch = handed_out(approved())
    payout = Payout.objects.get()
    url = reverse("admin:groupleader_payout_decide", args=[payout.pk])
    first, second = desk("甲"), desk("乙")

    first.post(url, {"what": "failed", "reason": ""})
    assert not PayoutDecision.objects.exists()
    first.post(url, {"what": "failed", "reason": "letter 5"})
    first.post(url, {"what": "agree"})
    assert PayoutDecision.objects.get().status == "proposed"
    second.post(url, {"what": "agree"})
    deliver_pending()
    carry_out_answers(10)

    batch.refresh_from_db()
    assert batch.status == "closed"
    page = words(second.get(reverse("admin:groupleader_payout_change", args=[payout.pk])))
    assert "letter 5" in page


def test_a_batch_is_cancelled_by_a_click_and_its_page_says_why():
    batch = made()
    clerk = desk("财务")

    clerk.post(batch_url("cancel", batch), {"reason": "wrong day"})

    url = reverse("admin:groupleader_payoutbatch_change", args=[batch.pk])
    assert "wrong day" in words(clerk.get(url))


@pytest.mark.parametrize("what", ["approve", "cancel", "file", "result", "decide"])
def test_every_button_asks_for_its_permission(what):
    batch = made()
    clerk = desk("客服", "view_payoutbatch")

    assert clerk.post(batch_url(what, batch)).status_code == 403
    assert clerk.get(reverse("admin:groupleader_to_pay")).status_code == 403


def test_an_account_is_written_down_by_one_and_agreed_by_another():
    supplier = SupplierAccount.objects.create(supplier_ref="5", name="绿源农场")
    first, second = desk("甲"), desk("乙")
    said = {
        "supplier": supplier.pk,
        "bank": "农商行",
        "holder": "绿源公司",
        "account": "12300045678",
    }

    assert first.post(reverse("admin:groupleader_payee_propose"), {}).status_code == 200
    first.post(reverse("admin:groupleader_payee_propose"), said)
    change = supplier.payee_changes.get()
    url = reverse("admin:groupleader_payee_decide", args=[change.pk])
    first.post(url, {"what": "agree"})
    supplier.refresh_from_db()
    assert not supplier.has_payee
    second.post(url, {"what": "agree"})

    supplier.refresh_from_db()
    assert supplier.payee_masked == "农商行 ····5678"
    shown = second.post(
        reverse("admin:groupleader_payee_reveal", args=[change.pk]), {"reason": "x"}
    )
    assert "12300045678" in words(shown)
    assert "12300045678" not in words(
        second.get(reverse("admin:groupleader_payeechange_change", args=[change.pk]))
    )


def signed_in(leader: Any) -> Client:
    client = Client()
    client.force_login(leader.user)
    leader.user.last_login = now()
    leader.user.save(update_fields=["last_login"])
    return client


def test_she_changes_her_account_and_sees_those_before():
    leader = make_leader()
    client = signed_in(leader)
    url = reverse("groupleader:account")
    said = {
        "bank": "邮储银行",
        "holder": "王姐",
        "account": "6222 0212 3456 7890 129",
        "reason": "",
    }

    page = words(client.post(url, said))
    assert "6222 0212" in page
    assert client.post(url, said | {"account": "6222 0212 3456 7890 128"}).status_code == 302

    page = words(client.get(url))
    assert "····0128" in page
    assert "····0123" in page


def test_her_statement_says_what_became_of_its_payment():
    put_in_own_funds()
    leader = make_leader()
    statement = approved(leader)
    answered(handed_out(statement), "失败:销户")

    page = words(
        signed_in(leader).get(reverse("groupleader:statement", args=[statement.statement_no]))
    )

    assert reverse("groupleader:account") in page
    assert 'id="payouts"' in page
