"""Voucher batches in the admin: written in yuan, launched by two, seen by their bank."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from mall.accounts.models import User
from mall.banks.models import BankStaff, BankUnit
from mall.promotions.approvals import approve
from mall.promotions.models import Proposal
from mall.vouchers.claiming import claim
from mall.vouchers.gifts import launch
from mall.vouchers.models import GiftRule, HandGrant, Voucher, VoucherBatch
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import (
    BANK_PAYS,
    make_batch,
    make_merchant,
    make_round,
    make_voucher,
    pay_with,
)

pytestmark = pytest.mark.django_db
FORM = {
    "name": "满100减30",
    "code": "autumn",
    "kind": "voucher",
    "threshold_minor": "100",
    "discount_minor": "30.00",
    "physical_only": "on",
    "place": "mall",
    "valid_hours": "72",
    "audience": "everybody",
    "total_stock": "500",
    "funder_0": "bank",
    "ref_0": "CCB",
    "percent_0": "80",
    "funder_1": "platform",
    "percent_1": "20",
    "rounds-TOTAL_FORMS": "0",
    "rounds-INITIAL_FORMS": "0",
}


def make_admin(name="admin", **fields) -> User:
    return User.objects.create(username=name, is_staff=True, is_superuser=True, **fields)


def page(client, batch, name):
    return client.post(
        reverse("admin:vouchers_voucherbatch_act", args=[batch.pk, name]),
        {"reason": "秋季活动", "budget": "600", "phone": "", "form_key": "k1"},
    )


def test_a_batch_is_written_in_yuan_and_percent(client):
    client.force_login(make_admin())

    answer = client.post(reverse("admin:vouchers_voucherbatch_add"), FORM)

    assert answer.status_code == 302, answer.context["errors"]
    batch = VoucherBatch.objects.get()
    assert (batch.threshold_minor, batch.discount_minor, batch.state) == (10000, 3000, "draft")
    assert batch.funding == [
        {"funder": "bank", "ref": "CCB", "percent": 80},
        {"funder": "platform", "ref": "", "percent": 20},
    ]
    assert batch.refund_policy == "forfeit"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"percent_1": "30"}, "funder_0"),
        ({"ref_0": ""}, "funder_0"),
        ({"discount_minor": "100"}, "threshold_minor"),
        ({"valid_hours": "2161"}, "valid_hours"),
        ({"valid_hours": ""}, "valid_hours"),
        ({"audience": "new_residents"}, "new_within_days"),
        ({"budget_minor": "29"}, "budget_minor"),
        ({"worth_limit": "3"}, "campaign"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(client, wrong, field):
    client.force_login(make_admin())

    answer = client.post(reverse("admin:vouchers_voucherbatch_add"), FORM | wrong)

    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert VoucherBatch.objects.count() == 0


def test_two_people_launch_and_one_pauses(client):
    maker, checker = make_admin("maker"), make_admin("checker")
    batch = make_batch(state="draft", funding=BANK_PAYS)
    client.force_login(maker)

    page(client, batch, "launch")
    batch.refresh_from_db()
    assert batch.state == "draft"
    proposal = Proposal.objects.get()
    approve(proposal, by=checker.username)
    batch.refresh_from_db()
    assert batch.state == "active"
    page(client, batch, "pause")
    batch.refresh_from_db()
    assert batch.state == "paused"
    assert page(client, batch, "launch").status_code == 403


def test_another_budget_is_another_number_of_vouchers(client):
    maker = make_admin("maker")
    batch = make_batch(total_stock=5)
    make_voucher(batch=batch)
    client.force_login(maker)

    page(client, batch, "budget")
    approve(Proposal.objects.get(), by="checker")

    batch.refresh_from_db()
    assert (batch.budget_minor, batch.total_stock, batch.issued_count) == (60000, 20, 1)


def test_money_in_advance_is_waited_for(client):
    client.force_login(make_admin())
    batch = make_batch(state="draft", funding=BANK_PAYS, is_prefunded=True)

    answer = client.post(
        reverse("admin:vouchers_voucherbatch_act", args=[batch.pk, "launch"]),
        {"reason": "x"},
        follow=True,
    )

    assert Proposal.objects.count() == 0
    assert "messages" in answer.context


def test_giving_one_by_hand_is_kept_and_limited(client, monkeypatch):
    monkeypatch.setattr("mall.vouchers.granting.GRANTS_A_DAY", 1)
    client.force_login(make_admin())
    batch, resident, other = make_batch(), make_person("李小娟"), make_person("张伟")
    link = reverse("admin:vouchers_voucherbatch_act", args=[batch.pk, "grant"])

    def give(to, key):
        phone = to.phone.removeprefix("+86")
        return client.post(link, {"phone": phone, "reason": "补发", "form_key": key})

    give(resident, "k1")
    give(resident, "k1")
    give(other, "k2")

    assert Voucher.objects.get().resident == resident
    assert (HandGrant.objects.get().reason, HandGrant.objects.get().slot) == ("补发", 0)
    assert give(make_person(phone="+8613712345678"), "k3").status_code == 302
    assert Voucher.objects.count() == 1
    assert client.post(link, {"phone": "13800000000", "reason": "x"}).status_code == 422


def test_a_bank_sees_its_own_batches_only(client):
    bank = BankUnit.objects.add_root(
        {"code": "ccb", "name": "建行", "level": "bank", "issuer_code": "CCB"}
    )
    branch = BankUnit.objects.add_child(
        bank, {"code": "ccb-ax", "name": "安溪支行", "level": "branch", "issuer_code": "CCB"}
    )
    own, other = make_batch(owner=branch), make_batch()
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="vouchers"))
    BankStaff.objects.create(user=clerk, unit=branch)
    mine, strange = make_voucher(batch=own), make_voucher(batch=other)
    client.force_login(clerk)

    def status(model, row):
        return client.get(reverse(f"admin:vouchers_{model}_change", args=[row.pk])).status_code

    assert status("voucherbatch", own) == 200
    assert status("voucherbatch", other) == 302
    assert (status("voucher", mine), status("voucher", strange)) == (200, 302)
    assert page(client, other, "pause").status_code == 404


def test_a_banks_people_spend_their_own_banks_money(client):
    bank = BankUnit.objects.add_root(
        {"code": "ccb", "name": "建行", "level": "bank", "issuer_code": "CCB"}
    )
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="vouchers"))
    BankStaff.objects.create(user=clerk, unit=bank)
    mixed = make_batch(state="draft", owner=bank)
    client.force_login(clerk)
    add = reverse("admin:vouchers_voucherbatch_add")
    own = {"funder_1": "", "percent_1": "", "percent_0": "100", "owner": bank.pk}

    refused = client.post(add, FORM | {"owner": bank.pk})
    strange = client.post(add, FORM | own | {"ref_0": "PSBC"})
    written = client.post(add, FORM | own)

    assert "funder_0" in refused.context["adminform"].form.errors
    assert "funder_0" in strange.context["adminform"].form.errors
    assert written.status_code == 302
    assert page(client, mixed, "launch").status_code == 403
    assert page(client, VoucherBatch.objects.get(code="autumn"), "launch").status_code == 302
    assert Proposal.objects.count() == 1


def test_a_round_gives_no_more_than_its_batch(client):
    client.force_login(make_admin())
    batch, at = make_batch(total_stock=5), now()
    wish = {
        "batch": batch.pk,
        "opens_at_0": f"{at:%Y-%m-%d}",
        "opens_at_1": "10:00:00",
        "closes_at_0": f"{at + timedelta(days=1):%Y-%m-%d}",
        "closes_at_1": "10:00:00",
        "stock": "6",
        "person_limit": "1",
    }

    many = client.post(reverse("admin:vouchers_claimround_add"), wish)
    fine = client.post(reverse("admin:vouchers_claimround_add"), wish | {"stock": "5"})

    assert "stock" in many.context["adminform"].form.errors
    assert fine.status_code == 302


def test_every_list_and_every_page_opens(client):
    client.force_login(make_admin())
    claim_round, resident, cashier = make_round(), make_person(), make_person()
    voucher = claim(resident_id=resident.pk, round_id=claim_round.pk, click="a")
    pay_with(voucher)
    merchant = make_merchant(cashier)
    rule = GiftRule.objects.create(
        name="首绑有礼",
        batch=claim_round.batch,
        starts_at=now(),
        ends_at=now() + timedelta(days=9),
    )
    launch(rule)

    rows = {
        "voucherbatch": claim_round.batch,
        "claimround": claim_round,
        "voucher": voucher,
        "giftrule": rule,
        "redemptionmerchant": merchant,
    }
    for model in (*rows, "handgrant", "gift", "redemption"):
        answer = client.get(reverse(f"admin:vouchers_{model}_changelist"))
        assert answer.status_code == 200, model
    for model, row in rows.items():
        answer = client.get(reverse(f"admin:vouchers_{model}_change", args=[row.pk]))
        assert answer.status_code == 200, model
    for name in ("pause", "budget", "grant", "end"):
        link = reverse("admin:vouchers_voucherbatch_act", args=[claim_round.batch_id, name])
        assert client.get(link).status_code == 200, name


def test_vouchers_leave_as_a_file(client):
    client.force_login(make_admin())
    voucher = make_voucher()

    answer = client.post(
        reverse("admin:vouchers_voucherbatch_changelist"),
        {"action": "export_csv", "_selected_action": [voucher.batch_id]},
    )

    told = b"".join(answer.streaming_content).decode()
    assert voucher.voucher_no in told
    assert "30.00" in told


def test_a_bank_reads_no_merchants_that_never_took_its_vouchers(client):
    bank = BankUnit.objects.add_root(
        {"code": "ccb", "name": "建行", "level": "bank", "issuer_code": "CCB"}
    )
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="vouchers"))
    BankStaff.objects.create(user=clerk, unit=bank)
    for name in ("别家超市", "别家酒楼"):
        make_merchant(name=name)
    client.force_login(clerk)

    told = client.get(reverse("admin:vouchers_redemption_changelist")).content.decode()

    assert "别家" not in told
