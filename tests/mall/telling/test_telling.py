"""What happens to an order is told to whom it concerns, once, in words with figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from mall.groupbuy.lifecycle import cut_off_now
from mall.messaging.models import Message
from mall.messaging.wording import words_of
from mall.ordering.ending import cancel_order, expire_due
from mall.telling.handlers import listen
from payments.api import attempts, deliver_pending, drive_close, now, publish, travelling
from tests.factories.groups import make_open_group, make_person
from tests.mall.ordering.discounted import fresh, give_back, place_with_everything, sent
from tests.mall.ordering.shopping import fill, make_worked_group, place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def wang():
    return make_person("王阿姨", phone="+8613800138001")


def told(person: object) -> list[str]:
    deliver_pending()
    return list(Message.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def words(kind: str, language: str = "en") -> str:
    message = Message.objects.get(kind=kind)
    return words_of(kind, message.values, language=language).body


def test_listening_twice_is_listening_once(wang):
    listen()
    listen()
    sent(place_with_everything(resident=wang))

    assert told(wang) == ["order.paid"]


def test_a_paid_order_is_told_with_what_where_and_when(wang):
    order = sent(place_with_everything(resident=wang))

    assert told(wang) == ["order.paid"]
    body = words("order.paid")
    assert "157.00" in body
    assert order.pickup_snapshot["name"] in body


def test_what_did_not_come_is_told_once_per_refund_with_all_goods_and_the_sum(wang):
    order = sent(place_with_everything(resident=wang))
    give_back(order, first=1, second=2)

    assert told(wang) == ["order.paid", "back.shortage"]
    payers = Message.objects.get(kind="back.shortage").values["refund_minor"]
    body = words("back.shortage")
    assert "糯玉米" in body
    assert "土鸡蛋" in body
    assert f"{payers / 100:.2f}" in body
    assert "did not come" in body


def test_an_order_nobody_paid_is_told_and_one_she_cancelled_herself_is_not(wang):
    group = make_worked_group()
    mine = place(fill(group, wang, first=1), wang, payable=3000)
    cancel_order(order_no=mine.order_no, resident_id=wang.pk)
    late = place(fill(group, wang, first=1), wang, payable=3000)

    with travelling(late.expires_at + timedelta(minutes=2)):
        expire_due(10)
        for attempt in attempts(late.order_no):
            drive_close(attempt.payment_no)
        deliver_pending()

    assert fresh(late).status == "cancelled"
    assert told(wang) == ["order.expired"]


def test_when_a_sale_closes_soon_baskets_and_leaders_are_told(wang):
    group = make_open_group()
    fill(group, wang, first=1)
    empty = make_person("李姐")
    closes = group.group_buy.closes_at.isoformat()
    payload = {"group_buy_id": group.group_buy_id, "group_ids": [group.pk], "closes_at": closes}
    for n in range(2):
        with transaction.atomic():
            publish("groupbuy.closing", key=f"c{n}", aggregate="g", payload=payload)

    assert told(wang) == ["group.closing"]
    assert told(group.leader) == ["group.closing_leader"]
    assert told(empty) == []


def test_a_group_that_did_not_form_tells_everybody_what_goes_back(wang):
    order = sent_to_a_group_that_needs_more(wang)

    with travelling(now() + timedelta(days=2)):
        deliver_pending()

    assert "order.not_formed" in told(wang)
    assert "60.00" in words("order.not_formed")
    assert fresh(order).cancel_requested_at is not None


def sent_to_a_group_that_needs_more(person: object) -> object:
    """Two pieces paid in a group that wants ten people; cut off and decided."""
    from mall.groupbuy.forming import form_if_due  # noqa: PLC0415
    from tests.mall.ordering.discounted import paid  # noqa: PLC0415

    group = make_worked_group()
    type(group).objects.filter(pk=group.pk).update(minimum_kind="people", minimum_value=10)
    order = paid(place(fill(group, person, first=2), person, payable=6000))
    cut_off_now(group_buy_id=group.group_buy_id)
    with travelling(now() + timedelta(minutes=30)):
        assert form_if_due(group_buy_id=group.group_buy_id)
    return order


def test_a_purchase_order_rings_at_the_suppliers_telephone():
    for link in ("/supply/abc/", "/supply/abc/", "/supply/def/"):
        with transaction.atomic():
            publish(
                "purchase.sent",
                key=f"{link}{Message.objects.count()}{now()}",
                aggregate="purchase:G1",
                payload={"order_no": "G1", "phone": "+8613911112222", "link": link},
            )
    deliver_pending()

    sent_to = Message.objects.filter(kind="purchase.sent")
    assert sorted(m.values["url"][-5:] for m in sent_to) == ["/abc/", "/def/"]
    assert {m.phone for m in sent_to} == {"+8613911112222"}


def test_a_sale_refused_twice_in_the_same_words_is_told_twice(wang):
    for at in ("2026-11-22T08:00", "2026-11-22T09:00", "2026-11-22T09:00"):
        payload = {
            "own_sale_id": 1,
            "leader_id": wang.pk,
            "title": "自己的团",
            "because": "价格太低",
            "at": at,
        }
        with transaction.atomic():
            publish("own_sale.refused", key=f"{at}{id(payload)}", aggregate="o", payload=payload)

    assert told(wang) == ["own_sale.refused"] * 2
