"""The post between the bank and us: genuine letters, written with the bank's own key."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.test import Client

from payments.acquiring.signing import load_private_key
from payments.models import Payment
from payments.sandbox.signatures import as_json, sealed, sign, text_to_sign


@dataclass(frozen=True)
class Letter:
    """A notification as it goes over the wire."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def with_header(self, name: str, value: str) -> Self:
        """Change one header after signing."""
        return replace(self, headers={**self.headers, name: value})

    def with_body(self, body: bytes) -> Self:
        """Change the body after signing."""
        return replace(self, body=body)

    def post(self, client: Client, account_code: str = "sandbox") -> Any:
        """Send it to our door."""
        return client.generic(
            "POST",
            f"/payments/notify/{account_code}/",
            self.body,
            content_type="application/json",
            headers=self.headers,
        )


def letter(
    resource: dict[str, Any], *, event_type: str = "payment.succeeded", **more: Any
) -> Letter:
    """Write, seal and sign a notification as the sandbox does; `at`, `event_id`, `merchant_id`."""
    folder = settings.DATA_DIR / "sandbox"
    merchant = json.loads((settings.LINLI_SANDBOX_KEYS / "merchant.json").read_text())
    event_id = more.get("event_id") or f"EV{secrets.token_hex(8)}"
    at = more.get("at") or datetime.now(UTC)
    content = {
        "event_id": event_id,
        "event_type": event_type,
        "merchant_id": more.get("merchant_id", merchant["merchant_id"]),
        "created_at": at.isoformat(),
        "resource": resource,
    }
    seal_key = bytes.fromhex((settings.LINLI_SANDBOX_KEYS / "aead_key").read_text().strip())
    envelope = {
        "event_id": event_id,
        "event_type": event_type,
        "resource": sealed(seal_key, as_json(content), associated=event_id),
    }
    body = as_json(envelope)
    stamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
    key = load_private_key((folder / "bank_private.pem").read_bytes())
    return Letter(
        body,
        {
            "Sandbox-Serial": merchant["sandbox_serial"],
            "Sandbox-Timestamp": stamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": sign(key, text_to_sign(stamp, nonce, body=body)),
        },
    )


def order(payment: Payment, state: str = "SUCCESS", **changes: Any) -> dict[str, Any]:
    """An order as the sandbox writes it."""
    paid_at = datetime.now(UTC).isoformat() if state == "SUCCESS" else None
    return {
        "our_no": payment.payment_no,
        "acquirer_no": f"SB{payment.payment_no[-10:]}",
        "merchant_id": payment.account.merchant_id,
        "trade_state": state,
        "amount": {"minor": payment.amount_minor, "currency": "CNY"},
        "paid_at": paid_at,
        "expires_at": payment.expires_at.isoformat(),
        "action_url": "",
        "qr_url": "",
        "cashier_url": "",
        "agreement_no": "",
        "failure_code": "" if state != "PAYERROR" else "INSUFFICIENT_FUNDS",
        **changes,
    }
