"""A browser's name: given by us, signed, kept; nobody makes one up."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from mall.storefront.devices import COOKIE, device_of, name_device

FACTORY = RequestFactory()


def named() -> str:
    """The cookie of a browser that has been named."""
    response = HttpResponse()
    name_device(FACTORY.get("/"), response)
    return response.cookies[COOKIE].value


def asking(cookie: str):
    request = FACTORY.get("/")
    request.COOKIES[COOKIE] = cookie
    return request


def test_a_named_browser_keeps_its_name():
    cookie = named()
    response = HttpResponse()

    name_device(asking(cookie), response)

    assert device_of(asking(cookie))
    assert device_of(asking(response.cookies[COOKIE].value)) == device_of(asking(cookie))


def test_two_browsers_have_two_names():
    assert device_of(asking(named())) != device_of(asking(named()))


@pytest.mark.parametrize("cookie", ["", "made-up", "made-up:signature", ":", "x" * 5000])
def test_a_made_up_name_is_none(cookie):
    assert device_of(asking(cookie)) == ""


@pytest.mark.django_db
def test_the_cookie_is_not_for_scripts_and_not_for_other_sites():
    client = Client()

    client.get("/offers/")

    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert int(cookie["max-age"]) > 300 * 24 * 3600
