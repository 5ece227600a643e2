"""The resident of the check: chooses a point, fills the basket, ties a card, pays, collects."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from mall.config.smoke.bank import Telephone, tie_card
from mall.config.smoke.browser import Browser
from mall.config.smoke.pages import Page
from mall.config.smoke.plan import DISCOUNT_MINOR, GOODS_MINOR, PAID_MINOR, Plan, yen
from mall.config.smoke.signing_in import sign_in
from mall.config.smoke.telling import StepFailedError, Teller, expect

_PAYING_SECONDS: Final = 60


class Resident:
    """One resident with a new telephone number."""

    def __init__(self, plan: Plan, teller: Teller) -> None:
        """Open her browser."""
        self._plan, self._tell = plan, teller
        self._browser = Browser(plan.base_url)
        self.order_no = ""

    def choose_group(self, title: str) -> None:
        """Choose the pickup point and find the check's group there."""
        points = self._browser.must_open("/points/")
        form = points.form(to="/choose/", with_text=self._plan.point)
        home = self._browser.send(form)
        group = home.link(to="/g/", with_text=title)
        if group:
            self._browser.must_open(group)
        elif title not in home.text:
            raise StepFailedError("the pickup point's open groups", title, home.text[:400])
        self._tell.done("resident", f"chose {self._plan.point} and sees “{title}”")

    def fill_basket(self, item_ids: list[str]) -> None:
        """Put the goods in and look into the basket."""
        for item_id, good in zip(item_ids, self._plan.goods, strict=True):
            form = self._browser.page.form(to=f"/items/{item_id}/set/")
            self._browser.send(form, quantity=str(good.quantity))
        basket = self._browser.must_open(self._browser.page.link(to="/basket/"))
        _must_show(basket, "the basket", yen(GOODS_MINOR))
        self._tell.done("resident", f"has goods for {yen(GOODS_MINOR)} in the basket")

    def sign_in(self) -> None:
        """Sign in on the way to the checkout; the basket comes along."""
        goal = urlsplit(self._browser.page.link(to="/checkout/")).path
        page = sign_in(
            self._browser,
            self._tell,
            phone=self._plan.resident_phone,
            bank_url=self._plan.bank_url,
            goal=goal,
        )
        _must_show(page, "the checkout after signing in", yen(GOODS_MINOR))
        self._tell.done("resident", "signed in by text message; the basket came along")

    def tie_card(self) -> None:
        """Tie a CCB credit card on the acquirer's page and come back to the checkout."""
        form = self._browser.page.form(id_="checkout")
        name = self._typed(form, "receiver_name") or "李小娟"
        cards = self._browser.send(form, way="new_card", receiver_name=name)
        self._browser.send(cards.form(to="/cards/tie/"), consent="on")
        telephone = Telephone(self._plan.bank_url, self._plan.resident_phone)
        page = tie_card(self._browser, telephone, phone=self._plan.resident_phone)
        if "/checkout/" not in page.url:
            raise StepFailedError("coming back from the bank", "the checkout", page.url)
        self._tell.done("resident", "tied a CCB credit card at the acquirer and came back")

    def pay(self) -> None:
        """Place the order with the card and wait until the result page is sure."""
        page = self._browser.page
        for amount in (GOODS_MINOR, -DISCOUNT_MINOR, PAID_MINOR):
            _must_show(page, "the checkout", yen(amount))
        form = page.form(id_="checkout")
        expect("the amount the form charges", came=self._typed(form, "expected_payable"),
               expected=str(PAID_MINOR))  # fmt: skip
        result = self._browser.send(form)
        if "/result/" not in result.url:
            raise StepFailedError("paying", "the result page", f"{result.url}: {result.text[:300]}")
        self._tell.until("the payment", self._is_paid, seconds=_PAYING_SECONDS)
        order = self._browser.must_open(self._browser.page.link(to="/orders/"))
        self.order_no = urlsplit(order.url).path.rstrip("/").rpartition("/")[2]
        for amount in (GOODS_MINOR, -DISCOUNT_MINOR, PAID_MINOR):
            _must_show(order, "the order's amounts", yen(amount))
        self._tell.done(
            "resident",
            f"paid order {self.order_no}: goods {yen(GOODS_MINOR)}, bank {yen(-DISCOUNT_MINOR)}, "
            f"paid {yen(PAID_MINOR)}",
        )

    def _is_paid(self) -> bool:
        page = self._browser.must_open(self._browser.page.url)
        state = page.found(r'id="result"[^>]*data-state="(\w+)"')
        if state in (["failed"], ["closed"], ["surplus"]):
            raise StepFailedError("the payment", "paid", page.text[:300])
        return state == ["paid"]

    def pickup_code(self) -> str:
        """Return the code her order page shows now that the goods are there."""
        order = self._browser.must_open(f"/orders/{self.order_no}/")
        codes = order.found(r'class="pickup-code"><span[^>]*>(\d{3} \d{3})<')
        if not codes:
            raise StepFailedError("the order page after arrival", "a pickup code", order.text[:300])
        self._tell.done("resident", f"sees the pickup code {codes[0]}")
        return codes[0].replace(" ", "")

    def see_collected(self) -> None:
        """Look whether the order counts as done."""
        done = self._browser.must_open("/orders/?tab=done")
        if self.order_no not in done.html:
            raise StepFailedError("the orders that are done", self.order_no, done.text[:300])
        self._tell.done("resident", "sees the order as collected")

    @staticmethod
    def _typed(form: object, name: str) -> str:
        return dict(getattr(form, "fields", [])).get(name, "")


def _must_show(page: Page, what: str, amount: str) -> None:
    if amount not in page.text:
        raise StepFailedError(f"{what} ({page.url})", amount, page.text[:600])
