"""Her messages: read, turned off, and nobody else's."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from mall.messaging.models import Delivery, Message
from mall.messaging.sending import send
from payments.api import now
from tests.factories.groups import make_person

pytestmark = pytest.mark.django_db


def tell(person: object, n: int = 1) -> None:
    with transaction.atomic():
        for each in range(n):
            send("order.paid", key=f"{person.pk}:{each}", user_id=person.pk, link="/orders/")


@pytest.fixture
def wang():
    return make_person("王阿姨", phone="+8613900000001")


@pytest.fixture
def hers(wang):
    client = Client()
    client.force_login(wang)
    return client


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_twenty(
    hers, wang, django_assert_max_num_queries
):
    tell(wang, 30)

    with django_assert_max_num_queries(12):
        page = hers.get(reverse("storefront:messages"))

    assert page.content.decode().count("<article") == 20


def test_nothing_yet_says_so(hers):
    assert 'class="empty"' in hers.get(reverse("storefront:messages")).content.decode()


def test_opening_one_marks_it_read_and_leads_on(hers, wang):
    tell(wang, 2)
    message = Message.objects.first()

    answer = hers.get(reverse("storefront:message", args=[message.pk]))

    assert (answer.status_code, answer["Location"]) == (302, "/orders/")
    assert Message.objects.filter(read_at=None).count() == 1
    hers.post(reverse("storefront:read-messages"))
    assert not Message.objects.filter(read_at=None).exists()


@pytest.mark.parametrize("number", [2**40, 2**80])
def test_a_message_of_somebody_else_or_of_nobody_stays_unread(hers, number):
    other = make_person("李姐")
    tell(other)
    theirs = Message.objects.get()

    hers.get(reverse("storefront:message", args=[theirs.pk]))
    hers.get(reverse("storefront:message", args=[number]))

    assert Message.objects.get().read_at is None


def test_categories_are_turned_off_and_on(hers, wang):
    where = reverse("storefront:choose-messages")

    hers.post(where, {"category": ["news", "orders", "nonsense"]})
    off = set(wang.unwanted_messages.values_list("category", flat=True))
    hers.post(where, {"category": ["news", "work", "reminders", "leader"]})

    assert off == {"reminders", "leader", "work"}
    assert not wang.unwanted_messages.exists()


@pytest.mark.parametrize("name", ["messages", "read-messages", "choose-messages"])
def test_a_stranger_signs_in_first(client, name):
    assert client.post(reverse(f"storefront:{name}")).status_code in {302, 405}
    assert Message.objects.count() == 0


def test_staff_see_masked_numbers_and_send_again_what_was_given_up(client):
    clerk = make_person("客服", is_staff=True)
    names = ["view_message", "view_delivery", "change_delivery"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    with transaction.atomic():
        send("purchase.sent", key="G1", phone="+8613812345678", values={"number": "G1"})
    Delivery.objects.update(state="failed", tries=6, next_at=now())

    listed = client.get(reverse("admin:messaging_delivery_changelist"))
    told = client.get(reverse("admin:messaging_message_changelist"))
    client.post(
        reverse("admin:messaging_delivery_changelist"),
        {"action": "try_again", "_selected_action": [Delivery.objects.get().pk]},
    )

    for page in (listed, told):
        assert "13812345678" not in page.content.decode()
    assert "G1" in told.content.decode()
    assert Delivery.objects.get().state == "waiting"
