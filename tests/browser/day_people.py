"""Whom a day needs besides the stories' people: staff who plan, a supplier, a driver, a counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from mall.fulfilment.models import Delivery
from mall.groupbuy.models import GroupBuy
from payments.api import now, travelling
from tests.browser.day_town import GOODS, jpeg
from tests.browser.people import AdminAtHerDesk, LeaderOnDuty, Resident, Telephone
from tests.browser.town import PASSWORD

_GROUP_BUY = "groupbuy/groupbuy"
_ADD = re.compile("添加|Add")


@dataclass
class Planner(AdminAtHerDesk):
    """Staff who plan a sale, buy its goods, share a shortage out and send the van."""

    accessible: Callable[[Page], list[Any]]

    def look(self) -> None:
        """The screens of the staff are as readable to everybody as those of residents."""
        assert self.accessible(self.page) == [], self.page.url

    def open(self, path: str) -> None:
        """Go to a page of the admin."""
        self.page.goto(f"{self.mall.url}/admin/{path}")

    def press(self, button: str) -> None:
        """Press a button that sends its form."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()

    def publish(self, title: str, *, point: str, opens: datetime) -> None:
        """Fill in a sale with its goods and a pickup point, then put it on sale."""
        self.sign_in("admin", PASSWORD)
        page, closes = self.page, opens + timedelta(hours=10)
        self.open(f"{_GROUP_BUY}/add/")
        page.fill("[name=title]", title)
        for name, at in (("opens_at", opens), ("closes_at", closes)):
            page.fill(f"[name={name}_0]", f"{at:%Y-%m-%d}")
            page.fill(f"[name={name}_1]", f"{at:%H:%M:%S}")
        page.fill("[name=pickup_on]", f"{closes + timedelta(days=1):%Y-%m-%d}")
        page.fill("[name=pickup_from]", "08:00")
        page.fill("[name=pickup_until]", "20:00")
        for at, good in enumerate(GOODS):
            self._add_item(at, *good)
        page.locator("#groups-group a", has_text=_ADD).last.click()
        self._choose("id_groups-0-pickup_point", point)
        self.press("[name=_save]")
        self.act(_GROUP_BUY, "schedule_them", title)
        self.act(_GROUP_BUY, "open_them", title)

    def _add_item(self, at: int, name: str, price_minor: int, cost_minor: int) -> None:
        page = self.page
        page.locator("#items-group a", has_text=_ADD).last.click()
        self._choose(f"id_items-{at}-product", name)
        page.fill(f"[name=items-{at}-position]", str(at + 1))
        page.fill(f"[name=items-{at}-price_minor]", f"{price_minor / 100:.2f}")
        page.fill(f"[name=items-{at}-cost_minor]", f"{cost_minor / 100:.2f}")

    def _choose(self, name: str, word: str) -> None:
        """Choose in a field that looks things up while one types."""
        page = self.page
        page.locator(f"[id='{name}'] + .select2 .select2-selection").click()
        page.locator(".select2-search__field").last.fill(word)
        page.locator(".select2-results__option[role=option]", has_text=word).first.click()

    def cut_off(self, title: str) -> None:
        """Cut a sale off; when half a minute has gone by, the clock decides it."""
        self.act(_GROUP_BUY, "cut_them_off", title)
        with travelling(now() + timedelta(seconds=40)):
            self.mall.run_jobs("mall.form_group_buys", "mall.cut_group_buys", "mall.confirm_orders")
        assert GroupBuy.objects.get(title=title).state == "formed"

    def buy(self) -> None:
        """Draft the purchase orders on the board and send them; the messages go out."""
        self.open("supply/purchaseorder/board/")
        self.press("button[value=draft]")
        self.look()
        self.press("button[value=send]")
        self.mall.run_jobs("payments.deliver_outbox")
        self.mall.run_jobs("mall.send_messages")

    def share_out(self) -> str:
        """Share out what the supplier does not bring; return what the page said about it before."""
        self.open("fulfilment/shortage/share/")
        self.look()
        said = self.page.locator(".lin").inner_text()
        self.press("button.day-main")
        expect(self.page.locator("button.day-main")).to_have_count(0)
        return said

    def send_van(self, day: datetime) -> str:
        """Plan the day's round and send it; return the driver's link."""
        self.open(f"fulfilment/delivery/board/?day={day:%Y-%m-%d}")
        self.press("form[action$='/plan/'] button")
        self.look()
        self.press("form[action$='/send/'] button.day-main")
        self.mall.run_jobs("mall.send_rounds")
        self.open(f"fulfilment/delivery/{Delivery.objects.get().pk}/change/")
        self.look()
        return self.page.locator("a.day-link").get_attribute("href") or ""


class Onlooker(Telephone):
    """A telephone whose kinds of pages are judged once for all who look at them that day."""

    # How one signs in and ties a card is another story's (test_story.py).
    OTHERS = re.compile(r"/(sign-in|cards|sign|code)\b")

    def look(self) -> None:
        """Hold a kind of page nobody looked at yet to the rules of every page."""
        kind = re.sub(r"[A-Z0-9]{8,}|\d+", "*", self.page.url.partition("?")[0])
        if kind not in self.seen and not self.OTHERS.search(kind):
            self.seen.add(kind)
            self.judge(self.page)


class Neighbour(Onlooker, Resident):
    """A resident who orders, collects, and says when something is wrong."""

    def order(self, link: str, wishes: dict[int, int]) -> str:
        """Open a shared link, fill a basket, tie a card and pay; return the order's number."""
        self.page.goto(link)
        self.look()
        for item_id, pieces in wishes.items():
            self.add(item_id, pieces)
        self.check_out()
        self.tie_card()
        self.look()
        self.press_pay()
        self.wait_for_result("paid")
        self.look()
        return self.see_order()

    def pickup_code(self, order_no: str) -> str:
        """Read the six digits on the order's page."""
        self.go(f"/orders/{order_no}/")
        self.look()
        return self.page.locator(".pickup-code [aria-hidden]").inner_text().replace(" ", "")

    def complain(self, order_no: str, *, title: str, yuan: str, text: str) -> None:
        """Say that something is broken, with a photo, and ask for a part of the money."""
        page = self.page
        self.go(f"/orders/{order_no}/")
        page.locator("#wrongs li", has_text=title).locator("a").click()
        page.locator("#asking label.choice", has_text="破损").click()
        page.fill("#amount", yuan)
        picture = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
        page.set_input_files("#photos", [picture])
        page.fill("#text", text)
        self.look()
        page.locator("button[form=asking]").click()
        page.wait_for_url("**/cases/K*/")
        self.look()

    def accept_offer(self) -> None:
        """Take what is offered on the case she looks at."""
        self.page.reload()
        self.page.locator("form[action$='/accept/'] button").click()
        expect(self.page.locator("form[action$='/accept/']")).to_have_count(0)


class Counter(Onlooker, LeaderOnDuty):
    """The leader at work: counts, weighs, sorts, hands over, answers a complaint."""

    def share_link(self, group_id: int) -> str:
        """Read the link to the group off the page she shares it from."""
        self.go(f"/leader/groups/{group_id}/share/")
        self.look()
        texts = self.page.locator("[data-copy]").evaluate_all("all => all.map(e => e.dataset.copy)")
        return next(text for text in texts if re.fullmatch(r"http\S+", text))

    def receive_short(self, group_id: int) -> str:
        """One piece of the first of the goods is missing; return what the page says before."""
        page = self.page
        self.go(f"/leader/arrivals/{group_id}/")
        page.locator("[data-step='-1']").first.click()
        self.look()
        page.locator(".bar .btn.main").click()
        page.locator("input[name=photos]").wait_for()
        said = page.locator("main").inner_text()
        page.locator(".bar .btn.main").click()
        page.wait_for_url("**/leader/sorting/**")
        self.look()
        return said

    def weigh(self, grams: int) -> None:
        """Weigh the one line that goes by weight."""
        page = self.page
        self.go("/leader/weighing/")
        page.locator("main a.item").click()
        page.fill("#typed", str(grams))
        self.look()
        page.locator("form[data-weighing] button.main").click()
        page.wait_for_url("**/leader/weighing/")
        self.look()

    def pack(self, group_id: int, bags: int) -> None:
        """Fill bag after bag."""
        self.go(f"/leader/sorting/{group_id}/")
        for done in range(1, bags + 1):
            self.page.locator("#bag-done").click()
            expect(self.page.locator(".place-cell.done")).to_have_count(done)

    def find_bag(self, code: str) -> None:
        """Type the six digits; the bag is shown."""
        self.go("/leader/scan/")
        self.page.fill("#code", code)
        self.page.locator("[data-bag=ok]").wait_for()
        self.look()

    def hand_over_part(self, code: str) -> None:
        """Give one piece of the first line; the rest waits."""
        self.find_bag(code)
        part = self.page.locator("#bag details.part").first
        part.locator("summary").click()
        part.locator(".count-input").first.fill("1")
        part.locator("form button.wide").click()
        self.page.locator("[data-bag=done]").wait_for()

    def hand_over(self, code: str) -> None:
        """Tick every bag there is and give them all."""
        self.find_bag(code)
        for tick in self.page.locator("#hand-over input[name=bag]").all():
            tick.check()
        self.page.locator("[data-confirm]").click()
        self.page.locator("[data-bag=done]").wait_for()

    def offer(self, yuan: str, text: str) -> None:
        """Open the one case that waits for her and offer less than was asked."""
        page = self.page
        self.go("/leader/cases/")
        self.look()
        page.locator("article a.btn.main").click()
        expect(page.locator("main img.thumb").last).to_have_js_property("naturalWidth", 64)
        page.locator("details.fold summary").first.click()
        page.fill("#amount", yuan)
        page.fill("#offer-text", text)
        self.look()
        page.locator("form[action$='/offer/'] button.soft").click()
        expect(page.locator("form[action$='/offer/']")).to_have_count(0)


def answer_short(page: Page, link: str, *, title: str, pieces: int, because: str) -> None:
    """As the supplier behind the link that came: so many of one product, and why not all."""
    page.goto(link)
    page.locator("section details > summary").last.click()
    product = page.locator("fieldset", has_text=title)
    product.locator("input[type=number]").fill(str(pieces))
    product.locator("input[name^=why]").fill(because)
    page.locator("section details form button.main").click()
    page.wait_for_url("**/supplier/*/G*/")


def deliver(page: Page, link: str) -> None:
    """As the driver behind the link: hand in at the one stop."""
    page.goto(link)
    page.locator(".stop .btn.main").click()
    page.locator(".stop.done").wait_for()
