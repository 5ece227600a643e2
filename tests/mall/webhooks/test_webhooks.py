"""Partners hear facts: once each, signed, until they take them; and nothing that is personal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.urls import reverse
from standardwebhooks.webhooks import Webhook as Verifier

from mall.webhooks import calling
from mall.webhooks.models import Webhook, WebhookCall
from mall.webhooks.trying import send_test
from payments.api import (
    PartnerAddressError,
    deliver_pending,
    now,
    publish,
    require_public,
    travelling,
)
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.webhooks.partner import listening

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = {
    "order_no": "M1", "group_id": 3, "leader_id": 7, "resident_id": 9, "goods_minor": 20800,
    "discount_minor": 1600, "payable_minor": 19200, "payer_minor": 19200, "paid_at": None,
    "at": "2026-11-22T04:00:00+00:00", "receiver_phone": "+8613812345678",
    "lines": [{"line_id": 1, "product_id": 2, "title": "糯玉米", "quantity": 2, "value_minor": 6000,
               "cost_minor": 4800, "supplier_id": 4}],
}  # fmt: skip


@pytest.fixture
def partner():
    with listening() as partner:
        yield partner


@pytest.fixture
def hook(partner):
    return Webhook.objects.create(
        name="县社", url=partner.url, facts=["order.paid"], created_by=make_person("管理员")
    )


def tell(fact: str = "order.paid", at: str = ORDER["at"]) -> None:
    with transaction.atomic():
        publish(fact, key=f"{fact}:{at}", aggregate="M1", payload={**ORDER, "at": at})
    deliver_pending()


def run(later: timedelta = timedelta(0)) -> dict[str, int]:
    with travelling(now() + later + timedelta(seconds=1)):
        return calling.call_due(10)


def test_a_partner_hears_what_it_asked_for_and_the_published_library_believes_it(hook, partner):
    tell()
    tell("order.closed")

    assert run()["taken"] == 1

    ((headers, body),) = partner.heard
    told = Verifier(hook.secret).verify(body, headers)
    assert told["type"] == "order.paid"
    assert told["data"]["payable_minor"] == 19200
    assert told["data"]["lines"][0]["title"] == "糯玉米"


def test_nothing_personal_and_no_cost_leaves_the_house(hook):
    tell()

    told = json.loads(WebhookCall.objects.get().body)

    for name in ("resident_id", "receiver_phone", "leader_id"):
        assert name not in told["data"]
    assert not {"cost_minor", "supplier_id"} & set(told["data"]["lines"][0])


def test_the_same_fact_delivered_again_and_four_runners_call_once(hook, partner):
    tell()
    hook_fact = WebhookCall.objects.get()
    from mall.webhooks.handlers import note_fact  # noqa: PLC0415

    note_fact("order.paid", ORDER)

    all_at_once([run] * 4)

    assert WebhookCall.objects.get() == hook_fact
    assert len(partner.heard) == 1


def test_a_partner_that_stumbles_is_called_again_with_the_same_number_and_body(hook, partner):
    partner.answers = [500, 302, 204]
    tell()

    told = [run(), run(timedelta(seconds=6)), run(timedelta(seconds=400))]

    assert [each["again"] for each in told] == [1, 1, 0]
    assert len({(h["webhook-id"], b) for h, b in partner.heard}) == 1
    assert (len(partner.heard), WebhookCall.objects.get().state) == (3, "taken")
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_who_never_takes_anything_is_given_up_and_after_days_called_no_more(
    hook, partner, settings
):
    settings.LINLI_WEBHOOK_DAYS = 1
    partner.answers = [500]
    tell()

    later, told = timedelta(0), {}
    while not told.get("given_up") and later < timedelta(days=5):
        told = run(later)
        later += timedelta(hours=21)

    hook.refresh_from_db()
    assert (hook.is_on, hook.off_because) == (False, "silent")


def test_a_partner_that_says_gone_is_turned_off_at_once(hook, partner):
    partner.answers = [410]
    tell()

    run()

    hook.refresh_from_db()
    assert (hook.is_on, hook.off_because) == (False, "gone")


def test_while_a_secret_changes_both_signatures_are_carried(hook, partner):
    old = hook.secret
    new = calling.change_secret(webhook_id=hook.pk)
    send_test(webhook_id=hook.pk)
    run()
    calling.forget_old_secret(webhook_id=hook.pk)
    send_test(webhook_id=hook.pk)
    run()

    first, second = partner.heard
    for secret in (old, new):
        assert Verifier(secret).verify(first[1], first[0])["type"] == "linli.test"
    assert len(second[0]["webhook-signature"].split()) == 1
    assert Verifier(new).verify(second[1], second[0])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://10.0.0.1/", "https://127.0.0.1:8000/", "https://[::1]/",
        "https://169.254.169.254/latest", "https://user:word@example.com/", "ftp://example.com",
        "https://192.168.1.1:443/x", "https://example.com:99999/", "https:///x", "nonsense",
    ],
)  # fmt: skip
def test_our_own_network_is_never_called(url, settings):
    settings.LINLI_DEMO = False

    with pytest.raises(PartnerAddressError):
        require_public(url)


def test_staff_write_a_webhook_and_see_its_secret_once(client, partner):
    clerk = make_person("管理员", is_staff=True)
    names = ["add_webhook", "view_webhook", "change_webhook"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    typed = {"name": "县社", "url": partner.url, "facts": ["order.paid"], "is_on": "on"}

    refused = client.post(
        reverse("admin:webhooks_webhook_add"), {**typed, "url": "http://10.0.0.1/"}
    )
    shown = client.post(reverse("admin:webhooks_webhook_add"), typed, follow=True)
    hook = Webhook.objects.get()
    again = client.get(reverse("admin:webhooks_webhook_change", args=[hook.pk]))

    assert refused.status_code == 200
    assert hook.secret in shown.content.decode()
    assert hook.secret not in again.content.decode()
    assert hook.created_by == clerk


def test_calls_wait_while_a_partner_is_off(hook, partner):
    tell()
    Webhook.objects.update(is_on=False)

    assert run()["taken"] == 0
    Webhook.objects.update(is_on=True)
    assert run()["taken"] == 1
    assert datetime.fromisoformat(json.loads(partner.heard[0][1])["timestamp"]).tzinfo
