"""The leader reads a neighbour's QR with the page's own reader, under the page's own policy."""

from __future__ import annotations

import io

import pytest
import segno
from django.test import Client

from tests.browser.town import make_town
from tests.mall.fulfilment.test_collecting import arrive, buy, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scanning_page(live_mall, new_context):
    """The hand-over page of the town's leader, and her town."""
    town = make_town()
    client = Client()
    client.force_login(town.leader.user)
    context = new_context()
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_mall.url}])
    page = context.new_page()
    return page, town


def _photo(text: str) -> dict[str, object]:
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=8, border=4)
    return {"name": "code.png", "mimeType": "image/png", "buffer": picture.getvalue()}


def test_a_photo_of_the_pickup_qr_opens_the_bag(
    scanning_page, live_mall, acquirer, assert_page_is_sound
):
    page, town = scanning_page
    order = buy(town.group, acquirer, name="李小娟", payable=19200)
    arrive(town.group)
    page.goto(f"{live_mall.url}/leader/scan/")
    page.locator("[data-scan] summary").click()

    token = fresh(order).pickup_token
    page.locator("[data-scan] input[type=file]").set_input_files(
        [_photo(f"{live_mall.url}/p/{token}/")]
    )

    page.locator("[data-bag=ok]").wait_for(timeout=20_000)
    assert_page_is_sound(page)
    page.locator("[data-confirm]").click()
    page.locator("[data-bag=done]").wait_for()
    assert fresh(order).status == "collected"


def test_a_photo_of_something_else_is_no_pickup_code(scanning_page, live_mall):
    page, _town = scanning_page
    page.goto(f"{live_mall.url}/leader/scan/")
    page.locator("[data-scan] summary").click()

    page.locator("[data-scan] input[type=file]").set_input_files([_photo("https://example.org/")])

    strange = page.locator("[data-scan]").get_attribute("data-strange")
    page.locator("[data-scan] [data-status]", has_text=strange).wait_for(timeout=20_000)
    assert page.locator("[data-bag=ok]").count() == 0
