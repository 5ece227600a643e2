"""Oscar's dashboard stays open for catalogue work, and asks no other host for anything."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories.groups import make_person, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_person("采购", is_staff=True, is_superuser=True, phone=None))
    return client


def test_who_is_not_signed_in_is_led_to_the_staffs_door():
    answer = Client().get("/dashboard/catalogue/")

    assert answer.status_code == 302
    door = Client().get(answer.url)
    assert door.status_code == 200
    assert 'type="password"' in door.content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "",
        "catalogue/",
        "catalogue/categories/",
        "catalogue/product-types/",
        "partners/",
        "ranges/",
        "orders/",
        "users/",
    ],
)
def test_the_dashboard_opens_and_stays_at_home(staff, page):
    make_product()

    answer = staff.get(f"/dashboard/{page}")

    assert answer.status_code == 200
    html = answer.content.decode()
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//(?!testserver)[^"']+""", html) == []


def test_a_product_can_be_edited(staff):
    product = make_product("糯玉米")

    answer = staff.get(f"/dashboard/catalogue/products/{product.pk}/")

    assert answer.status_code == 200
    assert "糯玉米" in answer.content.decode()
