"""The sandbox acquirer beside the tests: the real program, and a payer who uses its pages."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.conf import settings

from mall.config import processes
from payments.acquiring.registry import AccountSpec
from payments.adapters.sandbox.adapter import SandboxAdapter, sandbox_account
from payments.api import ensure_sandbox_account
from tests.machines import free_port

ROOT = Path(__file__).parent.parent

# Pauses short enough for tests; the slow card answers after SLOW_SECONDS.
SLOW_SECONDS = 3
_PACE = ["--retry-seconds", "0.3,0.5,1,2,5,5,5", "--transfer-delay-seconds", "0.5"]
_PACE += ["--slow-answer-seconds", str(SLOW_SECONDS), "--code-pause-seconds", "0"]

# The digit after the four zeros: see docs/protocols/sandbox.md.
_TEMPERS = {"normal": 0, "declined": 1, "slow": 2, "asks_code": 3, "silent": 4}
_LENGTHS = {"621700": 19, "622700": 19, "623668": 19, "436742": 19, "622188": 19, "621799": 19}


def card_number(
    bin_: str = "622168", temper: str = "normal", serial: int = 1, *, length: int = 0
) -> str:
    """Write a test card's number from the published rule; another serial is another card."""
    width = (length or _LENGTHS.get(bin_, 16)) - 12
    body = f"{bin_}0000{_TEMPERS[temper]}{serial:0{width}d}"
    doubled = [int(c) * (2 if i % 2 == 0 else 1) for i, c in enumerate(reversed(body))]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return f"{body}{-total % 10}"


CCB_CREDIT = card_number("622168")
CCB_DEBIT = card_number("621700")
PSBC_DEBIT = card_number("622188")
CMBC_CREDIT = card_number("622600")
CCB_CREDIT_DUAL = card_number("436745")
CCB_CREDIT_DECLINED = card_number("622168", "declined")
CCB_CREDIT_SLOW = card_number("622168", "slow")
CCB_CREDIT_ASKS_CODE = card_number("622168", "asks_code")
CCB_CREDIT_SILENT = card_number("622168", "silent")


@dataclass(frozen=True)
class Person:
    """Who holds a card."""

    name: str = "李小娟"
    phone: str = "13800138000"


class _Forms(HTMLParser):
    """The forms of a page: action and prefilled fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((values.get("action", ""), {}))
        elif tag == "input" and self.found and values.get("name"):
            self.found[-1][1][values["name"]] = values.get("value", "")


@dataclass
class Page:
    """A page as a payer has it before her."""

    url: str
    status: int
    html: str

    def submit(self, number: int = 0, /, **typed: str) -> Page:
        """Fill a form of the page in (the first, unless said otherwise) and send it."""
        forms = _Forms()
        forms.feed(self.html)
        action, fields = forms.found[number]
        sent = requests.post(urljoin(self.url, action), data={**fields, **typed}, timeout=20)
        return Page(sent.url, sent.status_code, sent.text)

    @property
    def return_url(self) -> str:
        """Where the page sends its reader when all is done; "" while it is not."""
        link = re.search(r'href="([^"]*)" data-return', self.html)
        return link[1].replace("&amp;", "&") if link else ""


def open_page(url: str) -> Page:
    """Open a page as a browser would."""
    opened = requests.get(url, timeout=20)
    return Page(opened.url, opened.status_code, opened.text)


@dataclass(frozen=True)
class SandboxAcquirer:
    """The running sandbox, and what its payers and operators do."""

    base_url: str
    keys_dir: Path
    log: Path = field(repr=False)
    admin_url: str = ""

    def adapter(self, **limits: float) -> SandboxAdapter:
        """An adapter at this sandbox; limits are connect_, read_ and total_seconds."""
        return SandboxAdapter.from_account(self.account(**limits))

    def account(self, **limits: float) -> AccountSpec:
        """Our account at this sandbox, as a spec that needs no database."""
        return sandbox_account(base_url=self.base_url, keys_folder=self.keys_dir, **limits)

    def admin(self, path: str, said: dict[str, Any] | None = None) -> requests.Response:
        """Command the admin plane: POST a path there."""
        return requests.post(f"{self.admin_url}{path}", json=said or {}, timeout=20)

    def dialect(self, name: str, **changed: object) -> AccountSpec:
        """Our account at a dialect the sandbox was started with, some settings changed."""
        folder = self.keys_dir / name
        facts = json.loads((folder / "account.json").read_text())
        return AccountSpec(
            code=name,
            adapter=facts["adapter"],
            settings={**facts["settings"], "merchant_id": facts["merchant_id"], **changed},
            keys={key: str(folder / file) for key, file in facts["keys"].items()},
        )

    def told(self, path: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
        """Command the admin plane, which must obey; return its answer."""
        answer = self.admin(path, said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sim_pay(self, payment_no: str, **said: Any) -> dict[str, Any]:
        """Act as the payer of an order (with a CCB credit card, unless said otherwise)."""
        return self.told(f"/_sim/pay/{payment_no}", said)

    @contextmanager
    def fault(self, fault: str, **rule: Any) -> Iterator[int]:
        """Let the acquirer misbehave by a rule for as long as the block lasts; give the rule's id.

        Name a number, kind or route: other tests use the same acquirer.
        """
        number = self.told("/_faults", {"fault": fault, **rule})["id"]
        try:
            yield number
        finally:
            requests.delete(f"{self.admin_url}/_faults/{number}", timeout=10)

    @contextmanager
    def campaign(self, code: str = "minus16", **figures: Any) -> Iterator[None]:
        """Let CCB take 16.00 off payments of 200.00 by itself for as long as the block lasts."""
        rule = {"issuer_code": "CCB", "threshold_minor": 20000, "discount_minor": 1600, **figures}
        self.told("/_campaigns", {"code": code, **rule})
        try:
            yield
        finally:
            requests.delete(f"{self.admin_url}/_campaigns/{code}", timeout=10)

    @contextmanager
    def clock_at(self, offset_seconds: int) -> Iterator[None]:
        """Put the acquirer's clock so many seconds before (negative) or after the real time."""
        self.told("/_clock", {"offset_seconds": offset_seconds})
        try:
            yield
        finally:
            self.told("/_clock", {"offset_seconds": 0})

    def messages(self, phone: str = "") -> list[dict[str, Any]]:
        """The texts on the demo's telephone, newest first: phone, sender, body, code, at."""
        answer = requests.get(f"{self.base_url}/messages.json", {"phone": phone}, timeout=10)
        return answer.json()["messages"]

    def last_code(self, phone: str) -> str:
        """The newest one-time code sent to a phone."""
        return next(text["code"] for text in self.messages(phone) if text["code"])

    def tie_card(self, page_url: str, card: str = CCB_CREDIT, person: Person = Person()) -> str:
        """Sign on the signing page; return the address the bank sends the browser back to."""
        return self._card_and_code(open_page(page_url), card, person)

    def pay_at_cashier(
        self,
        page_url: str,
        card: str = CCB_CREDIT,
        person: Person = Person(),
    ) -> str:
        """Pay by card at the cashier; return the address the bank sends the browser back to."""
        path = urlsplit(page_url)._replace(query="way=card").geturl()
        return self._card_and_code(open_page(path), card, person)

    def scan_and_pay(self, page_url: str) -> Page:
        """Confirm on the other phone's page."""
        return open_page(page_url.replace("/cashier/", "/scan/")).submit()

    def confirm_code(self, page_url: str, phone: str = "13800138000") -> str:
        """Type the code the bank sent for a charge; return where the browser goes back to."""
        return _done(open_page(page_url).submit(code=self.last_code(phone)))

    def _card_and_code(self, page: Page, card: str, person: Person) -> str:
        asked = page.submit(number=card, name=person.name, phone=person.phone)
        assert 'name="code"' in asked.html, asked.html
        return _done(asked.submit(code=self.last_code(person.phone)))


def _done(page: Page) -> str:
    assert 'class="panel centre over good"' in page.html, page.html
    return page.return_url


def start_sandbox(folder: Path, port: int, *more: str) -> Any:
    """Start the program on a port and wait until it answers; the caller stops the process."""
    command = [sys.executable, "-m", "payments.sandbox", "--port", str(port), "--data", folder]
    process = processes.start([*command, *_PACE, *more], log=folder / "sandbox.log", cwd=ROOT)
    url = f"http://127.0.0.1:{port}/healthz"
    if not processes.wait_for(lambda: processes.answers(url), seconds=60):
        processes.stop(process)
        pytest.fail(f"no sandbox:\n{processes.last_lines(folder / 'sandbox.log', 30)}")
    return process


@pytest.fixture(scope="session")
def sandbox_acquirer() -> Iterator[SandboxAcquirer]:
    """The sandbox acquirer at the address the mall's settings name, as a process of its own."""
    folder, keys = settings.DATA_DIR / "sandbox", settings.LINLI_SANDBOX_KEYS
    port = urlsplit(settings.LINLI_SANDBOX_URL).port
    admin_port = str(urlsplit(settings.LINLI_SANDBOX_ADMIN_URL).port)
    process = start_sandbox(folder, port, "--keys", keys, "--admin-port", admin_port)
    yield SandboxAcquirer(
        settings.LINLI_SANDBOX_URL, keys, folder / "sandbox.log", settings.LINLI_SANDBOX_ADMIN_URL
    )
    processes.stop(process)


@contextmanager
def own_sandbox(folder: Path, *more: str) -> Iterator[SandboxAcquirer]:
    """A sandbox of the test's own, with its own books and keys, stopped at the end."""
    port, admin_port = free_port(), free_port()
    process = start_sandbox(folder, port, "--admin-port", str(admin_port), *more)
    try:
        yield SandboxAcquirer(
            f"http://127.0.0.1:{port}",
            folder / "keys",
            folder / "sandbox.log",
            f"http://127.0.0.1:{admin_port}",
        )
    finally:
        processes.stop(process)


@pytest.fixture
def acquirer(db, sandbox_acquirer: SandboxAcquirer) -> SandboxAcquirer:
    """The sandbox acquirer, and our account there in this test's database."""
    ensure_sandbox_account()
    return sandbox_acquirer
