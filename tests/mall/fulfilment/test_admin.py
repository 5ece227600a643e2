"""Orders in the admin: found, read, never edited; moved only by what the services allow."""

from __future__ import annotations

import pytest

from mall.ordering.models import OrderFulfilment
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place

pytestmark = pytest.mark.django_db
LIST = "/admin/ordering/orderfulfilment/"


@pytest.fixture
def order(acquirer) -> OrderFulfilment:
    wang = make_person("王阿姨")
    return place(fill_worked(make_worked_group(), wang), wang)


@pytest.mark.parametrize("query", ["8000", "李小娟", "payment"])
def test_an_order_is_found_by_phone_tail_name_or_payment(admin_client, order, query):
    page = admin_client.get(LIST, {"q": order.payment_no if query == "payment" else query})

    text = page.content.decode()
    assert order.order_no in text
    assert "¥208" in text
    assert "+8613800138000" not in text
    assert order.order_no not in admin_client.get(LIST, {"q": "9999"}).content.decode()


def test_an_order_page_is_for_reading(admin_client, order):
    address = f"{LIST}{order.pk}/change/"

    page = admin_client.get(address)
    refused = admin_client.post(address, {"payable_minor": "1"})

    assert page.status_code == 200
    assert "糯玉米" in page.content.decode()
    assert refused.status_code == 403
    assert admin_client.get(f"{LIST}{order.pk}/delete/").status_code == 403
    assert admin_client.get(f"{LIST}add/").status_code == 403


@pytest.mark.parametrize("action", ["close_window", "dispatch_groups"])
def test_what_is_not_possible_is_said(admin_client, order, action):
    answer = admin_client.post(LIST, {"action": action, "_selected_action": order.pk}, follow=True)

    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    order.refresh_from_db()
    assert order.status == "pending_payment"


@pytest.mark.parametrize("model", ["arrival", "collection"])
def test_arrivals_and_hand_overs_are_listed(admin_client, order, model):
    assert admin_client.get(f"/admin/fulfilment/{model}/").status_code == 200
