"""The leader reads a neighbour's QR with the page's own reader, under the page's own policy."""

from __future__ import annotations

import base64
import io

import pytest
import segno
from django.test import Client
from pypdfium2 import PdfDocument

from mall.fulfilment.labels import Label
from mall.fulfilment.papers.labels import label_pdf
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


# The page's own reader, asked for every code it sees.
READ_ALL = """async ({ reader, wasm, photo }) => {
  const script = document.createElement("script");
  await new Promise((onload, onerror) => {
    Object.assign(script, { src: reader, onload, onerror });
    document.head.append(script);
  });
  ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm } });
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 20 };
  const found = await ZXingWASM.readBarcodes(new Blob([bytes]), options);
  return found.map((each) => each.text);
}"""
DOTS = 203 / 72  # those of a cheap label printer


def _printed(labels: list[Label], width: str) -> str:
    """Return the first page as it leaves the printer: black or white, in coarse dots."""
    page = PdfDocument(label_pdf(labels, width=width))[0]
    picture, file = page.render(scale=DOTS).to_pil().convert("1", dither=0), io.BytesIO()
    picture.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def _label(n: int) -> Label:
    return Label(
        point="幸福里 3 栋 王姐水果店",
        shelf=f"A-{n}",
        name="李*娟",
        phone_tail="8000",
        n=1,
        m=1,
        storage="frozen",
        storage_word="冷冻",
        pieces=3,
        order_no=f"M261122{n:013d}",
        trace=f"abcdefghjk{n:02d}",
        goods=(("安溪高山糯玉米 新鲜现摘", 2), ("土鸡蛋 30 枚", 1)),
        remark="",
    )


def test_printed_labels_are_read_again(scanning_page, live_mall):
    page, _town = scanning_page
    page.goto(f"{live_mall.url}/leader/scan/")
    box = page.locator("[data-scan]")
    ways = {"reader": box.get_attribute("data-reader"), "wasm": box.get_attribute("data-wasm")}
    labels = [_label(n) for n in range(12)]

    for width, on_a_page in (("80", 1), ("58", 1), ("A4", 10)):
        texts = page.evaluate(READ_ALL, {**ways, "photo": _printed(labels, width)})

        assert sorted(texts) == [label.url for label in labels[:on_a_page]], width
