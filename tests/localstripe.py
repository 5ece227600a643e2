"""localstripe beside the tests: a Stripe that remembers, as a program of its own.

It is GPL-3, so nothing here imports it. It rejects many real parameters (`lenient` profile), knows
no idempotency keys, no Connect and no hosted pages, and sends its messages a second later, once.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from mall.config import processes
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.adapters.stripe.adapter import StripeAdapter
from payments.models import AcquirerAccount
from payments.services.stripe_accounts import ensure_stripe_account
from tests.machines import free_port
from tests.waiting import until

SECRET_KEY = "sk_test_linli"
WEBHOOK_SECRET = "whsec_linli"
MERCHANT = "acct_linli"

# docs.stripe.com/testing
VISA = "4242424242424242"
DECLINED_AT_ATTACH = "4000000000000002"
DECLINED_AT_CHARGE = "4000000000000341"
ASKS_OWNER = "4000002500003155"
ASKS_OWNER_THEN_DECLINED = "4000008400001629"


@dataclass
class Letterbox:
    """Where localstripe's messages arrive: the raw bytes and the signature."""

    url: str
    letters: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    def letter_about(self, *words: str) -> tuple[bytes, dict[str, str]]:
        """Wait for a message that has all these words in it."""

        def arrived() -> tuple[bytes, dict[str, str]] | None:
            found = (one for one in self.letters if all(w.encode() in one[0] for w in words))
            return next(found, None)

        return until(arrived, what=f"a message about {words}")


@dataclass(frozen=True)
class LocalStripe:
    """The running localstripe, and what payers do there."""

    base_url: str
    letterbox: Letterbox

    def ask(self, method: str, path: str, **form: Any) -> dict[str, Any]:
        """Speak to it directly, as Stripe's page-side script would."""
        answer = requests.request(
            method,
            f"{self.base_url}{path}",
            data=form or None,
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def card(self, number: str = VISA) -> str:
        """Let Stripe's script take a card; the payment method's id."""
        card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        form = {f"card[{name}]": value for name, value in card.items()}
        return self.ask("POST", "/v1/payment_methods", type="card", **form)["id"]

    def sign(self, setup_intent: str, number: str = VISA) -> None:
        """Type a card into Stripe's kit and sign."""
        path = f"/v1/setup_intents/{setup_intent}/confirm"
        self.ask("POST", path, payment_method=self.card(number))

    def authenticate(self, intent: str, *, success: bool) -> requests.Response:
        """Answer the bank's question, as the card's owner."""
        secret = self.ask("GET", f"/v1/payment_intents/{intent}")["client_secret"]
        return requests.post(
            f"{self.base_url}/v1/payment_intents/{intent}/_authenticate",
            data={"client_secret": secret, "success": str(success).lower()},
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            timeout=10,
        )

    @property
    def environ(self) -> dict[str, str]:
        """The environment an operator would set for it."""
        return {
            "STRIPE_API_BASE": self.base_url,
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_ACCOUNT_ID": MERCHANT,
            "STRIPE_LENIENT": "1",
        }

    def account(self, **changes: Any) -> AccountSpec:
        """Our account there, as a spec that needs no database."""
        return stripe_account(**{"base_url": self.base_url, "lenient": True, **changes})

    def adapter(self, **changes: Any) -> StripeAdapter:
        """An adapter that talks to it."""
        return make_adapter(self.account(**changes))


def stripe_account(*, webhook_secrets: str = WEBHOOK_SECRET, **facts: Any) -> AccountSpec:
    """Write an account down by hand; its keys lie in this process's data folder."""
    folder = Path(settings.DATA_DIR) / "stripe-keys"
    folder.mkdir(exist_ok=True)
    texts = {"secret_key": facts.pop("secret_key", SECRET_KEY), "webhook_secrets": webhook_secrets}
    keys = {}
    for name, text in texts.items():
        path = folder / re.sub(r"\W", "-", f"{name}-{text}")
        path.write_text(text)
        keys[name] = str(path)
    known = {"account_id": MERCHANT, "currency": "cny"}
    return AccountSpec("stripe", "stripe", settings={**known, **facts}, keys=keys)


def _letterbox() -> tuple[Letterbox, HTTPServer]:
    box = Letterbox(f"http://127.0.0.1:{free_port()}/")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signature = self.headers.get("Stripe-Signature", "")
            box.letters.append((body, {"Stripe-Signature": signature}))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    port = int(box.url.rsplit(":", 1)[1].rstrip("/"))
    return box, HTTPServer(("127.0.0.1", port), Door)


@pytest.fixture(scope="session")
def localstripe() -> Iterator[LocalStripe]:
    """A localstripe of this test process, and a box for its messages."""
    port, log = free_port(), settings.DATA_DIR / "localstripe.log"
    process = processes.start(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"], log=log
    )
    base_url = f"http://127.0.0.1:{port}"
    box, server = _letterbox()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if not processes.wait_for(lambda: processes.answers(f"{base_url}/v1/customers"), seconds=60):
        processes.stop(process)
        pytest.fail(f"no localstripe:\n{processes.last_lines(log, 30)}")
    stripe = LocalStripe(base_url, box)
    requests.post(
        f"{base_url}/_config/webhooks/linli",
        json={"url": box.url, "secret": WEBHOOK_SECRET},
        timeout=10,
    ).raise_for_status()
    yield stripe
    server.shutdown()
    server.server_close()
    processes.stop(process)


@pytest.fixture
def stripe_row(db, localstripe: LocalStripe) -> AcquirerAccount:
    """Our account at localstripe in this test's database."""
    return ensure_stripe_account(environ=localstripe.environ)
