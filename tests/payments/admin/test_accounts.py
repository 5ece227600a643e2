"""Accounts, routes and circuits in the admin: staff fill forms, keys stay files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from mall.accounts.models import User
from payments.models import AcquirerAccount, AcquirerHealth, PaymentTransition, RoutingRule
from payments.services.health import take_out
from payments.services.health_history import last_hours
from tests.payments.banking import another_account, dead_account, lead
from tests.payments.desk import open_payment

pytestmark = pytest.mark.usefixtures("english")
ACCOUNTS = reverse("admin:payments_acquireraccount_changelist")
RULES = reverse("admin:payments_routingrule_changelist")
HEALTH = reverse("admin:payments_acquirerhealth_changelist")
SET_UP = reverse("admin:payments_acquireraccount_add_account")
TRY = reverse("admin:payments_acquireraccount_try_route")


@pytest.fixture
def staff(client, acquirer, settings, tmp_path):
    settings.LINLI_KEYS = tmp_path / "keys"
    settings.LINLI_KEYS.mkdir()
    client.force_login(User.objects.create_superuser(username="mei", password="x" * 12))
    return client


def lines(pairs: dict) -> str:
    return "\n".join(f"{name} = {value}" for name, value in pairs.items())


def laid_out(folder: Path) -> dict[str, str]:
    """The sandbox's key files in the folder of keys, by name."""
    keys = AcquirerAccount.objects.get(code="sandbox", status="active").keys
    for path in keys.values():
        shutil.copy(path, folder)
    return {name: Path(path).name for name, path in keys.items()}


def new_version_page(code: str = "sandbox") -> str:
    newest = AcquirerAccount.objects.filter(code=code).first()
    return reverse("admin:payments_acquireraccount_new_version_by_lines", args=[newest.pk])


def test_an_account_is_added_with_files_from_the_folder_of_keys(staff, settings):
    like = AcquirerAccount.objects.get()
    form = {
        "code": "second",
        "adapter": "sandbox",
        "account_settings": lines(like.settings),
        "keys": lines(laid_out(settings.LINLI_KEYS)),
        "priority": "5",
    }

    done = staff.post(SET_UP, form, follow=True)

    made = AcquirerAccount.objects.get(code="second")
    assert (made.priority, made.set_up_by, made.merchant_id) == (5, "mei", like.merchant_id)
    assert {Path(path).parent for path in made.keys.values()} == {settings.LINLI_KEYS}
    assert "acquirer_check second" in done.content.decode()
    assert "PRIVATE KEY" not in done.content.decode()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("merchant_private_key = ../secret.pem", "no such file"),
        ("merchant_private_key = /etc/passwd", "no such file"),
        ("merchant_private_key = missing.pem", "no such file"),
        ("merchant_private_key", "name = value"),
    ],
)
def test_only_files_of_that_folder_may_be_named(staff, settings, keys, says):
    (settings.LINLI_KEYS.parent / "secret.pem").write_text("x")

    shown = staff.post(SET_UP, {"code": "second", "adapter": "sandbox", "keys": keys})

    assert says in shown.content.decode()
    assert not AcquirerAccount.objects.filter(code="second").exists()


def test_what_the_adapter_refuses_is_said(staff, settings):
    keys = lines(laid_out(settings.LINLI_KEYS))

    shown = staff.post(SET_UP, {"code": "second", "adapter": "sandbox", "keys": keys})

    assert "lacks a key or a setting" in shown.content.decode()


@pytest.mark.parametrize("address", ["https://keys.example", "http://169.254.169.254", "file://x"])
def test_keys_are_sent_to_no_address_somebody_typed(staff, settings, address):
    page = staff.get(new_version_page()).context["form"]
    typed = f"{page.initial['account_settings']}\nbase_url = {address}"
    form = {**page.initial, "priority": "", "account_settings": typed}

    shown = staff.post(new_version_page(), form)

    assert "not an address this installation speaks to" in shown.content.decode()
    assert AcquirerAccount.objects.count() == 1


def test_the_operator_may_allow_another_address(staff, settings):
    settings.LINLI_ACQUIRER_ADDRESSES = ["https://api.bank.example/"]
    page = staff.get(new_version_page()).context["form"]
    typed = f"{page.initial['account_settings']}\nbase_url = https://api.bank.example"

    staff.post(new_version_page(), {**page.initial, "priority": "", "account_settings": typed})

    newest = AcquirerAccount.objects.get(version=2)
    assert newest.settings["base_url"] == "https://api.bank.example"


def test_a_new_version_keeps_what_the_form_shows(staff):
    first = AcquirerAccount.objects.get()
    page = staff.get(new_version_page()).context["form"]
    form = {**page.initial, "priority": "", "account_settings": "read_seconds = 5\n"}
    form["account_settings"] += page.initial["account_settings"]

    done = staff.post(new_version_page(), form)

    second = AcquirerAccount.objects.get(version=2)
    assert done.status_code == 302
    assert second.settings == {**first.settings, "read_seconds": "5"}
    assert second.keys == first.keys


def test_accounts_are_taken_out_of_use_and_put_back(staff):
    account = AcquirerAccount.objects.get()
    chosen = {"_selected_action": account.pk}

    staff.post(ACCOUNTS, {**chosen, "action": "take_out_of_use"})
    account.refresh_from_db()
    out = account.status
    staff.post(ACCOUNTS, {**chosen, "action": "put_in_use"})
    account.refresh_from_db()

    assert (out, account.status) == ("verify_only", "active")


def test_a_version_with_unfinished_business_is_not_disabled(staff):
    view = open_payment()
    account = AcquirerAccount.objects.get()

    said = staff.post(ACCOUNTS, {"_selected_action": account.pk, "action": "disable"}, follow=True)

    assert view.payment_no in said.content.decode()
    account.refresh_from_db()
    assert account.status == "active"


def test_a_route_is_tried_without_sending_anything(staff):
    dead_account("second")
    lead("second", 10, amount_to_minor=10000)
    take_out("second", by="mei")

    said = staff.get(TRY, {"scene": "h5", "amount": "100.00"}).content.decode()

    assert "it was taken out by mei" in said
    assert "takes it" in said
    assert AcquirerHealth.objects.count() == 1


def test_a_rule_is_written_in_yuan(staff):
    another_account("second")
    form = {
        "account_code": "second",
        "priority": "10",
        "amount_from_minor": "100.00",
        "amount_to_minor": "199.99",
        "is_active": "on",
    }

    done = staff.post(f"{RULES}add/", form)

    rule = RoutingRule.objects.get()
    assert done.status_code == 302
    assert (rule.amount_from_minor, rule.amount_to_minor) == (10000, 19999)
    assert rule.changed_by == "mei"
    assert "100.00" in staff.get(f"{RULES}{rule.pk}/change/").content.decode()


def test_amounts_in_the_wrong_order_are_refused(staff):
    form = {
        "account_code": "sandbox",
        "priority": "10",
        "amount_from_minor": "2",
        "amount_to_minor": "1",
    }

    shown = staff.post(f"{RULES}add/", form)

    assert "below the lower one" in shown.content.decode()
    assert not RoutingRule.objects.exists()


def test_a_circuit_is_closed_and_opened_by_hand(staff):
    take_out("sandbox", by="mei")
    health = AcquirerHealth.objects.get()
    chosen = {"_selected_action": health.pk}

    staff.post(HEALTH, {**chosen, "action": "close_circuit"})
    health.refresh_from_db()
    closed = health.state
    staff.post(HEALTH, {**chosen, "action": "take_out_now"})
    health.refresh_from_db()

    assert (closed, health.state, health.held_by) == ("closed", "open", "mei")
    assert staff.get(f"{HEALTH}{health.pk}/change/").status_code == 200


def test_the_last_hours_are_counted(acquirer):
    view = open_payment()
    payment = view.payment_no
    row = PaymentTransition.objects.get(payment__payment_no=payment)
    for edge in ("3", "6", "7", "9"):
        PaymentTransition.objects.create(
            payment=row.payment, edge=edge, from_status="sent", to_status="sent", at=row.at
        )

    hours = last_hours("sandbox")

    assert len(hours) == 24
    assert (hours[-1].answered, hours[-1].failed) == (1, 2)
    assert sum(hour.answered + hour.failed for hour in last_hours("other")) == 0


@pytest.mark.parametrize(
    ("permission", "url", "status"),
    [
        ("view_acquireraccount", SET_UP, 403),
        ("view_acquireraccount", TRY, 200),
        ("add_acquireraccount", SET_UP, 200),
    ],
)
def test_looking_is_not_setting_up(client, acquirer, permission, url, status):
    person = User.objects.create_user(username="an", password="x" * 12, is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(person)

    assert client.get(url).status_code == status
