"""A bank's branch at its desk, in a real browser: written, approved by another, tried, paused."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from mall.accounts.models import User
from mall.banks.roles import Role
from mall.promotions.models import BankOffer, Proposal
from tests.mall.banks.making import make_bank, make_branch, make_clerk
from tests.mall.promotions.offers import make_offer
from tests.servers import LiveMall

PASSWORD = "a-password-of-the-bank"
SCREEN = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
OFFERS = "/admin/promotions/bankoffer/"


@dataclass
class Clerk:
    """A person of the branch at her screen."""

    page: Page
    mall: LiveMall
    axe: object

    def go(self, path: str) -> None:
        """Open a page of the admin."""
        self.page.goto(f"{self.mall.url}{path}")

    def look(self) -> None:
        """Hold the desk to the rules of every page; unfold's frame around it is unfold's."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0
        found = [rule for rule in self.axe(self.page) if any("desk" in node for node in rule[2:])]
        assert found == []


@pytest.fixture
def clerk(live_mall, browser, axe):
    """``clerk("name", role, …)`` signs a person of the branch in at a screen of her own."""
    branch = make_branch(make_bank())
    contexts = []

    def sign_in(name: str, *roles: str, viewport: dict[str, int] = SCREEN) -> Clerk:
        user = User.objects.filter(username=name).first()
        if user is None:
            user = make_clerk(branch, *roles, username=name)
            user.set_password(PASSWORD)
            user.save()
        context = browser.new_context(
            viewport=viewport, locale="en-US", timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        person = Clerk(context.new_page(), live_mall, axe)
        person.go(f"/admin/login/?next={OFFERS}")
        person.page.fill("[name=username]", name)
        person.page.fill("[name=password]", PASSWORD)
        person.page.locator("[name=password]").press("Enter")
        person.page.wait_for_url(f"**{OFFERS}")
        return person

    sign_in.branch = branch
    yield sign_in
    for context in contexts:
        context.close()


def _write_an_offer(editor: Clerk) -> None:
    page = editor.page
    editor.go(f"{OFFERS}add/")
    page.fill("[name=name]", "建行信用卡满200减16")
    page.fill("[name=terms]", "每人每日限 1 次。")
    page.check("[name=kinds][value=credit]")
    page.check("[name=marks][value=single]")
    page.fill("[name=threshold_minor]", "200")
    page.fill("[name=discount_minor]", "16")
    page.check("[name=weekdays][value='3']")
    page.fill("[name=resident_day_limit]", "1")
    page.fill("[name=budget_minor]", "50000")


def test_an_offer_is_written_proposed_and_launched_by_another(clerk):
    editor = clerk("editor", Role.EDITOR)
    page = editor.page
    _write_an_offer(editor)

    said = page.locator("#summary")
    expect(said).to_contain_text("¥16 off from ¥200")
    expect(said).to_contain_text("Only on Wednesday")
    expect(said).to_contain_text("¥50,000")
    expect(page.locator("[data-asked-by=steps]")).to_be_hidden()
    page.check("[name=benefit_kind][value=steps]")
    expect(page.locator("[data-asked-by=steps]")).to_be_visible()
    page.check("[name=benefit_kind][value=fixed]")
    editor.look()
    page.get_by_role("button", name="Keep the draft").click()
    page.get_by_role("link", name="Propose to launch").click()
    page.fill("[name=reason]", "春节活动")
    page.get_by_role("button", name="Propose to launch").click()
    expect(page.get_by_text("You proposed this yourself")).to_be_visible()
    editor.look()
    offer = BankOffer.objects.get()
    assert offer.state == BankOffer.State.DRAFT

    approver = clerk("approver", Role.APPROVER, viewport=PHONE)
    approver.go(f"{OFFERS}{offer.pk}/change/")
    expect(approver.page.get_by_text("春节活动")).to_be_visible()
    approver.look()
    approver.page.get_by_role("button", name="Approve").click()
    expect(approver.page.get_by_text("It is approved and done.")).to_be_visible()

    offer.refresh_from_db()
    assert offer.state in {BankOffer.State.SCHEDULED, BankOffer.State.ACTIVE}
    assert Proposal.objects.get().decided_by == "approver"


def test_the_tester_shows_what_holds_and_what_does_not(clerk):
    offer = make_offer(owner=clerk.branch)
    person = clerk("viewer", Role.VIEWER)
    page = person.page

    person.go(f"{OFFERS}{offer.pk}/tester/")
    page.fill("[name=card_bin]", "625362")
    page.fill("[name=amount]", "180")
    page.get_by_role("button", name="Try it").click()

    expect(page.locator(".desk-fails")).to_have_count(1)
    expect(page.locator(".desk-phone")).to_contain_text("Spend ¥20 more to save ¥16")
    person.look()
    page.fill("[name=amount]", "208")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".desk-pay")).to_contain_text("¥192")
    expect(page.locator(".desk-fails")).to_have_count(0)


def test_the_live_screen_renews_itself_and_is_paused_on_a_telephone(clerk):
    offer = make_offer(owner=clerk.branch, budget_minor=100_000)
    person = clerk("approver", Role.APPROVER, viewport=PHONE)
    page = person.page

    person.go(f"{OFFERS}{offer.pk}/live/")
    person.look()
    first = page.locator("#live time").text_content()
    expect(page.locator("#live time")).not_to_have_text(first or "", timeout=15_000)
    assert page.locator("#live canvas").count() == 1
    page.get_by_role("link", name="Pause").click()
    page.get_by_role("button", name="Pause").click()

    page.wait_for_url(re.compile(r"/live/$"))
    expect(page.locator("#live")).to_contain_text("Paused")
    offer.refresh_from_db()
    assert offer.state == BankOffer.State.PAUSED
