"""What people do with their telephones in the stories: by buttons and fields, as they would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.acquirer import CCB_CREDIT, SandboxAcquirer
from tests.servers import LiveMall

HOLDER = "李小娟"


@dataclass
class Telephone:
    """Somebody's telephone: a page of the mall or the bank, and the messages that arrive on it."""

    page: Page
    mall: LiveMall
    bank: SandboxAcquirer
    number: str
    judge: Any
    seen: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Type an address of the mall."""
        self.page.goto(f"{self.mall.url}{path}")

    def look(self) -> None:
        """Hold the page to the rules of every page; each kind of page also in the dark, once."""
        self.judge(self.page)
        kind = re.sub(r"[A-Z0-9]{8,}|\d+", "*", self.page.url.partition("?")[0])
        if kind not in self.seen:
            self.seen.add(kind)
            self.page.emulate_media(color_scheme="dark")
            self.judge(self.page)
            self.page.emulate_media(color_scheme="light")

    def sign_in(self) -> None:
        """Type number and code on the page that asks for them; end up where she wanted to go."""
        page = self.page
        page.wait_for_url("**/sign-in/**")
        page.locator("[name=phone]").first.fill(self.number)
        page.check("[name=consent]")
        self.look()
        page.locator("main form button.btn.main").click()
        page.wait_for_url("**/sign-in/code/**")
        self.look()
        # The last digit sends the form.
        page.fill("[name=code]", self.bank.last_code(self.number))
        page.wait_for_url(lambda url: "/sign-in/" not in url)


class Resident(Telephone):
    """A resident."""

    def choose_point(self, point_id: int) -> None:
        """Open the mall for the first time and choose where to collect."""
        self.go("/")
        self.page.wait_for_url("**/points/")
        self.look()
        self.page.locator(f"form[action$='/points/{point_id}/choose/'] button").click()
        self.page.wait_for_url(f"{self.mall.url}/")

    def add(self, item_id: int, quantity: int = 1) -> None:
        """Press + so many times, without leaving the page."""
        for count in range(1, quantity + 1):
            self.page.locator(f"#more-{item_id}").click()
            expect(self.page.locator(f"#stepper-{item_id} output")).to_have_text(str(count))

    def fill_basket(self, items: list[Any], quantities: tuple[int, ...] = (1, 2, 1)) -> None:
        """Put goods for 208.00 in."""
        for item, quantity in zip(items, quantities, strict=True):
            self.add(item.pk, quantity)

    def check_out(self) -> None:
        """Go to the checkout, signing in on the way when asked to."""
        self.page.locator("#basket-bar a.btn.main").click()
        self.page.wait_for_url(re.compile("/sign-in/|/checkout/"))
        if "/sign-in/" in self.page.url:
            self.sign_in()
        self.page.wait_for_url("**/checkout/")

    def tie_card(self, card: str = CCB_CREDIT) -> None:
        """From the checkout or the cashier: tie another card at the bank and come back."""
        page, came_from = self.page, self.page.url
        page.locator("input[value=new_card]").check()
        expect(page.locator("#pay-bar button")).not_to_contain_text("¥")
        page.locator("#pay-bar button").click()
        page.wait_for_url("**/cards/**")
        page.check("[name=consent]")
        self.look()
        page.locator("form[action$='/cards/tie/'] button.btn.main").click()
        page.wait_for_url("**/sign/**")
        self.look()
        self.present_card(card)
        page.wait_for_url(came_from)

    def present_card(self, card: str) -> None:
        """Fill a page of the bank in with a card, then type the code and go back."""
        page = self.page
        page.fill("[name=number]", card)
        page.fill("[name=name]", HOLDER)
        page.fill("[name=phone]", self.number)
        page.locator("form.panel button:not([data-fill])").first.click()
        page.wait_for_url("**/code**")
        self.type_bank_code()

    def type_bank_code(self) -> None:
        """Type the code the bank sent and follow the way back to the mall."""
        self.page.fill("[name=code]", self.bank.last_code(self.number))
        self.look()
        self.page.locator("form.panel button").first.click()
        self.page.locator("[data-return]").click()

    def choose_way(self, value: str, amount: str) -> None:
        """Choose how to pay and wait until the button says the amount."""
        self.page.locator(f"input[name=way][value='{value}']").check()
        expect(self.page.locator("#pay-bar button")).to_contain_text(amount)

    def press_pay(self) -> None:
        """Press the button with the amount."""
        self.page.locator("#pay-bar button").click()

    def wait_for_result(self, state: str, *, seconds: float = 20) -> None:
        """Wait on the result page, which asks by itself, until it says so."""
        self.page.wait_for_url("**/result/**")
        shown = self.page.locator(f"#result[data-state={state}]")
        shown.wait_for(timeout=seconds * 1000)

    def see_order(self) -> str:
        """Go from the result to the order; return its number."""
        self.page.locator("#result .actions a[href*='/orders/']").first.click()
        self.page.wait_for_url("**/orders/**")
        return self.page.url.rstrip("/").rpartition("/")[2]

    def cancel(self) -> None:
        """Cancel the order she looks at and say yes."""
        self.page.locator("[data-opens=cancel]").click()
        self.page.locator("dialog#cancel button.danger").click()
        self.page.wait_for_load_state()
        expect(self.page.locator("[data-toast]")).to_be_visible()


class LeaderOnDuty(Telephone):
    """A group leader."""

    def receive(self, group_id: int) -> None:
        """Count a delivery in: all is here."""
        self.go("/leader/arrivals/")
        self.look()
        self.page.locator(f"a[href$='/arrivals/{group_id}/']").click()
        self.page.wait_for_url(f"**/arrivals/{group_id}/")
        self.look()
        self.page.locator("button[form=counting]").click()
        self.page.wait_for_url("**/leader/sorting/**")
        self.look()

    def hand_over(self, code: str) -> None:
        """Type the six digits, compare the bag, give it."""
        self.go("/leader/scan/")
        self.look()
        self.page.fill("#code", code)
        self.page.locator("[data-bag=ok]").wait_for()
        self.look()
        self.page.locator("[data-confirm]").click()
        self.page.locator("[data-bag=done]").wait_for()
        self.look()

    def sums(self) -> dict[str, str]:
        """Read the earnings page: what is estimated, frozen, available, …"""
        self.go("/leader/earnings/")
        self.look()
        found = {}
        for card in self.page.locator(".money-states a").all():
            state = (card.get_attribute("href") or "").rpartition("=")[2]
            found[state] = card.locator("b").inner_text()
        return found

    def confirm_statement(self) -> str:
        """Open the newest statement and agree; return its number."""
        self.go("/leader/statements/")
        self.look()
        self.page.locator("main a[href*='/statements/S']").first.click()
        self.page.wait_for_url("**/leader/statements/S*/")
        self.look()
        self.page.locator("form[action$='/confirm/'] button").click()
        expect(self.page.locator("form[action$='/confirm/']")).to_have_count(0)
        return self.page.url.rstrip("/").rpartition("/")[2]


@dataclass
class AdminAtHerDesk:
    """Somebody of the staff before a large screen."""

    page: Page
    mall: LiveMall

    def sign_in(self, name: str, password: str) -> None:
        """Sign in with a password."""
        self.page.goto(f"{self.mall.url}/admin/login/?next=/admin/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(f"{self.mall.url}/admin/")

    def act(self, model: str, action: str, query: str) -> None:
        """Find one row, choose an action, run it."""
        self.page.goto(f"{self.mall.url}/admin/{model}/?q={query}")
        self.page.locator("[name=_selected_action]").check()
        self.page.locator("#changelist-form select[name=action]").select_option(action)
        self.page.locator("#changelist-form button[name=index]").click()
        self.page.wait_for_load_state()
