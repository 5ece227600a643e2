"""The acquirer's pages as a card holder uses them: the telephone's messages, tying a card."""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlencode, urlsplit

from mall.config.smoke.browser import Browser
from mall.config.smoke.pages import Page
from mall.config.smoke.telling import StepFailedError

# A CCB credit card with UnionPay's mark only; the digits after it make it a card of this run.
_BIN: Final = "622168"
_HOLDER: Final = "李小娟"


def new_card_number() -> str:
    """Return a test card nobody has used today, so that its own limits are fresh."""
    body = f"{_BIN}00000{secrets.randbelow(9000) + 1000}"
    doubled = [int(c) * (2 if at % 2 == 0 else 1) for at, c in enumerate(reversed(body))]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{body}{-total % 10}"


class Telephone:
    """A telephone that shows the text messages sent to it."""

    def __init__(self, bank_url: str, phone: str) -> None:
        """Look at the sandbox acquirer's message page for one number."""
        parts = urlsplit(bank_url)
        self._browser = Browser(f"{parts.scheme}://{parts.netloc}")
        self._phone = phone

    def codes(self) -> list[str]:
        """Return the one-time codes that came, the newest first."""
        address = f"/messages.json?{urlencode({'phone': self._phone})}"
        messages = self._browser.read_json(address)["messages"]
        return [text["code"] for text in messages if text["code"]]

    def newest_code(self) -> str:
        """Return the newest one-time code."""
        codes = self.codes()
        if not codes:
            raise StepFailedError("the telephone's messages", "a one-time code", "none")
        return codes[0]


def tie_card(browser: Browser, telephone: Telephone, *, phone: str) -> Page:
    """Fill in the acquirer's signing page the browser is on and come back to the mall."""
    signing = browser.page.form(to="/sign/")
    asked = browser.send(signing, number=new_card_number(), name=_HOLDER, phone=phone)
    signed = browser.send(asked.form(to="/code"), code=telephone.newest_code())
    back = signed.link(marked="data-return")
    if not back:
        raise StepFailedError("tying the card", "a way back to the mall", signed.text[:300])
    return browser.must_open(back)
