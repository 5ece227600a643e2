"""`make screenshots`: takes the README's pictures from a running demo; docs/pictures/*.webp.

PORT or BASE_URL says which demo. A resident with a new number buys, so
every picture shows what really happens.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from mall.config.smoke.bank import Telephone, new_card_number

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST_BYTES = 120 * 1024
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
DESK = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN"}
# The demo's people, as `make demo` prints them.
LEADER, PASSWORD = "13800000001", "linli-demo"
GOODS = (("草莓", 1), ("苹果", 2), ("大米", 1))
_WAIT_MS = 20_000


class Camera:
    """Takes pictures of one demo."""

    def __init__(self, browser: Browser, site: str) -> None:
        """Aim at a demo; its bank is where the sign-in page says messages arrive."""
        self._browser, self._site = browser, site
        page = self._page(**PHONE)
        page.goto(f"{site}/sign-in/")
        link = page.locator("a[href*='/messages']").first.get_attribute("href") or ""
        parts = urlsplit(link)
        self._bank = f"{parts.scheme}://{parts.netloc}"
        page.context.close()

    def take_all(self) -> None:
        """Walk through the mall once and take every picture."""
        self._resident()
        self._leader()
        self._admin()

    def _page(self, **options: Any) -> Page:
        page = self._browser.new_context(**options).new_page()
        page.set_default_timeout(_WAIT_MS)
        return page

    def _resident(self) -> None:
        page, phone = self._page(**PHONE), f"199{secrets.randbelow(10**8):08d}"
        page.goto(self._site)
        page.locator("form[action$='/choose/'] button").first.click()
        page.wait_for_url(f"{self._site}/")
        for word, quantity in GOODS:
            card = page.locator("li.good", has_text=re.compile(word)).first
            for count in range(1, quantity + 1):
                card.locator("button.round.fill").click()
                card.locator("output", has_text=str(count)).wait_for()
        page.evaluate("scrollTo(0, 0)")
        save(page, "group")
        page.locator("#basket-bar a.btn.main").click()
        self._sign_in(page, phone)
        page.wait_for_url("**/checkout/")
        self._tie_card(page, phone)
        page.evaluate("document.querySelectorAll('[data-toast]').forEach(each => each.remove())")
        page.evaluate("document.querySelector('#pricing').scrollIntoView()")
        save(page, "checkout")
        page.locator("#pay-bar button").click()
        page.locator("#result[data-state=paid]").wait_for()
        save(page, "result")
        page.locator("#result .btn.main").click()
        page.wait_for_url("**/orders/**")
        save(page, "order")
        page.goto(f"{self._site}/offers/")
        save(page, "offers")
        page.context.close()

    def _sign_in(self, page: Page, phone: str) -> None:
        page.wait_for_url("**/sign-in/**")
        page.locator("[name=phone]").first.fill(phone)
        page.check("[name=consent]")
        page.locator("main form button.btn.main").click()
        page.wait_for_url("**/sign-in/code/**")
        page.fill("[name=code]", Telephone(self._bank, phone).newest_code())
        page.wait_for_url(lambda url: "/sign-in/" not in url)

    def _tie_card(self, page: Page, phone: str) -> None:
        page.locator("input[value=new_card]").check()
        page.locator("#pay-bar button", has_not_text="¥").click()
        page.check("[name=consent]")
        page.locator("form[action$='/cards/tie/'] button.btn.main").click()
        page.wait_for_url("**/sign/**")
        for name, value in (("number", new_card_number()), ("name", "李小娟"), ("phone", phone)):
            page.fill(f"[name={name}]", value)
        save(page, "bank")
        page.locator("form.panel button:not([data-fill])").first.click()
        page.wait_for_url("**/code**")
        page.fill("[name=code]", Telephone(self._bank, phone).newest_code())
        page.locator("form.panel button").first.click()
        page.locator("[data-return]").click()
        page.wait_for_url("**/checkout/")

    def _leader(self) -> None:
        page = self._page(**PHONE)
        page.goto(f"{self._site}/leader/")
        self._sign_in(page, LEADER)
        save(page, "desk")
        page.goto(f"{self._site}/leader/earnings/")
        save(page, "earnings")
        page.goto(f"{self._site}/leader/orders/?show=waiting")
        bag = page.locator("main a[href*='/leader/bags/']").first
        page.goto(f"{self._site}/leader/scan/" if not bag.count() else bag.evaluate("a => a.href"))
        save(page, "hand-over")
        page.context.close()

    def _admin(self) -> None:
        page = self._page(**DESK)
        page.goto(f"{self._site}/admin/login/?next=/admin/payments/payment/")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/admin/payments/payment/")
        page.wait_for_load_state("networkidle")
        save(page, "admin")
        page.context.close()


def save(page: Page, name: str) -> None:
    """Write a picture that is small enough for a README."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for quality in range(86, 20, -8):
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= LARGEST_BYTES:
            break
    (PICTURES / f"{name}.webp").write_bytes(packed.getvalue())
    print(f"{name}.webp  {packed.tell() // 1024} KiB")


def main() -> None:
    """Take all pictures."""
    here = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    site = os.environ.get("BASE_URL", here).rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        Camera(browser, site).take_all()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
