"""A merchant written from docs/protocols/sandbox.md: signs by itself, listens to notices."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from payments.acquiring.contract import RawHttp


def number(prefix: str = "P") -> str:
    return prefix + secrets.token_hex(9).upper()


def cny(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "CNY"}


def soon(seconds: float = 900) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@dataclass
class Merchant:
    """Our side of the protocol, with every part of a request open to tampering."""

    base_url: str
    keys: Path

    def __post_init__(self) -> None:
        self.facts = json.loads((self.keys / "merchant.json").read_text())
        read = lambda name: (self.keys / self.facts[name]).read_bytes()  # noqa: E731
        self.private = load_pem_private_key(read("merchant_private_key"), None)
        self.public = load_pem_public_key(read("sandbox_public_key"))
        self.seal = bytes.fromhex(read("aead_key").decode())

    def headers(self, method: str, path: str, body: bytes, **instead: str) -> dict[str, str]:
        """Sign a request; `instead`: stamp and nonce before signing, header values after it."""
        stamp = instead.pop("stamp", str(int(time.time())))
        nonce = instead.pop("nonce", secrets.token_hex(16))
        lines = [method, path, stamp, nonce, hashlib.sha256(body).hexdigest()]
        text = "".join(f"{line}\n" for line in lines).encode()
        signature = self.private.sign(text, PKCS1v15(), hashes.SHA256())
        return {
            "Content-Type": "application/json",
            "Sandbox-Merchant": self.facts["merchant_id"],
            "Sandbox-Serial": self.facts["merchant_serial"],
            "Sandbox-Timestamp": stamp,
            "Sandbox-Nonce": nonce,
            "Sandbox-Signature": base64.b64encode(signature).decode(),
        } | instead

    def ask(
        self, method: str, path: str, paper: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Ask, check the answer's signature, return status and JSON."""
        body = b"" if paper is None else json.dumps(paper).encode()
        return self.send(method, path, body, self.headers(method, path, body))

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        answer = requests.request(
            method, self.base_url + path, data=body, headers=headers, timeout=20
        )
        lines = [
            str(answer.status_code),
            path,
            answer.headers["Sandbox-Timestamp"],
            headers.get("Sandbox-Nonce", ""),
            hashlib.sha256(answer.content).hexdigest(),
        ]
        text = "".join(f"{line}\n" for line in lines).encode()
        signature = base64.b64decode(answer.headers["Sandbox-Signature"])
        self.public.verify(signature, text, PKCS1v15(), hashes.SHA256())
        return answer.status_code, answer.json()

    def order(self, our_no: str, minor: int = 19200, **more: Any) -> tuple[int, dict[str, Any]]:
        """Open an order at the cashier."""
        return self.ask("POST", "/v1/orders", order_paper(our_no, minor, **more))

    def refund(
        self, refund_no: str, our_no: str, minor: int, **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Give back a part of an order."""
        paper = {"refund_no": refund_no, "our_no": our_no, "amount": cny(minor)}
        return self.ask("POST", "/v1/refunds", paper | more)

    def opened(self, body: bytes) -> dict[str, Any]:
        """Open a notice's seal."""
        envelope = json.loads(body)
        sealed = envelope["resource"]
        clear = AESGCM(self.seal).decrypt(
            base64.b64decode(sealed["nonce"]),
            base64.b64decode(sealed["ciphertext"]),
            sealed["associated_data"].encode(),
        )
        return json.loads(clear)


def order_paper(our_no: str, minor: int = 19200, **more: Any) -> dict[str, Any]:
    return {
        "our_no": our_no,
        "amount": {"minor": minor, "currency": "CNY"},
        "subject": "荔枝 5 斤",
        "expires_at": soon(),
        "notify_url": "",
        "return_url": "http://127.0.0.1:1/back",
    } | more


@dataclass
class Mailbox:
    """Where notices arrive; answers as told, then the acknowledgement."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    received: list[RawHttp] = field(default_factory=list)

    def take(self, raw: RawHttp) -> tuple[int, bytes]:
        self.received.append(raw)
        return self.answers.pop(0) if self.answers else (200, b'{"code":"SUCCESS"}')


@contextmanager
def mailbox(*answers: tuple[int, bytes]) -> Iterator[Mailbox]:
    """A merchant's notification address on a real port."""
    box = Mailbox(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = {name.lower(): value for name, value in self.headers.items()}
            status, said = box.take(RawHttp("POST", self.path, b"", names, body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_about: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_address[1]}/notify"
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
