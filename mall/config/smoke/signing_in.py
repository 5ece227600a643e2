"""Signing in as a resident does: number, text message, code."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from mall.config.smoke.bank import Telephone
from mall.config.smoke.browser import Browser
from mall.config.smoke.pages import Page
from mall.config.smoke.telling import StepFailedError, Teller

# One code a minute per number: a second run right after the first has to wait for it.
_CODE_SECONDS: Final = 75


def messages_page(browser: Browser) -> str:
    """Return where this installation's text messages can be read; "" where they are really sent."""
    return browser.must_open("/sign-in/").link(to="/messages")


def sign_in(browser: Browser, teller: Teller, *, phone: str, bank_url: str, goal: str) -> Page:
    """Sign in from the page the goal sends strangers to and return the goal's page."""
    telephone = Telephone(bank_url, phone)
    before = telephone.codes()

    def is_asked() -> bool:
        page = browser.open(f"/sign-in/?{urlencode({'next': goal})}")
        return browser.send(page.form(to="/sign-in/"), phone=phone, consent="on").status == 200

    teller.until("a sign-in code", is_asked, seconds=_CODE_SECONDS)

    def new_code() -> str:
        codes = telephone.codes()
        return codes[0] if len(codes) > len(before) or codes[:1] != before[:1] else ""

    code = teller.until("the text message", new_code, seconds=15)
    page = browser.send(browser.page.form(to="/sign-in/code/"), code=code)
    if page.status != 200 or not urlsplit(page.url).path.startswith(urlsplit(goal).path):
        raise StepFailedError("signing in", goal, f"{page.status} {page.url}: {page.text[:200]}")
    return page
