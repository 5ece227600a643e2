"""The line to one account at Alipay: every request signed, every answer proven."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from payments.acquiring.contract import ConfigError, NextStep, StepKind
from payments.acquiring.registry import Account
from payments.acquiring.transport import HttpCall, Limits, Transport
from payments.adapters.alipay import wire
from payments.adapters.alipay.codes import Answer
from payments.adapters.alipay.profile import Profile
from payments.adapters.alipay.wire import Keys
from payments.kernel.clock import wall_now

_PATH: Final = f"/gateway.do?charset={wire.CHARSET}"
_FORM: Final = {"Content-Type": f"application/x-www-form-urlencoded;charset={wire.CHARSET}"}

Paper = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Return:
    """Where Alipay reports to, and where it sends the payer's browser back to; "" for nowhere."""

    notify_url: str = ""
    return_url: str = ""


NOWHERE: Final = Return()


def limits_of(account: Account) -> Limits:
    """Read how long the account waits, in seconds; what it does not say is the house's custom."""
    custom, said = Limits(), account.settings
    return Limits(
        connect_seconds=float(str(said.get("connect_seconds", custom.connect_seconds))),
        read_seconds=float(str(said.get("read_seconds", custom.read_seconds))),
        total_seconds=float(str(said.get("total_seconds", custom.total_seconds))),
    )


class Line:
    """Keys, settings and the socket of one account."""

    def __init__(self, *, keys: Keys, profile: Profile, limits: Limits) -> None:
        """Open the line to the gateway; ConfigError for an address that is none."""
        self.keys = keys
        self.profile = profile
        self._limits = limits
        self._transport = self.transport_to(profile.base_url)

    def transport_to(self, base_url: str) -> Transport:
        """Open a line to another of Alipay's hosts."""
        return Transport(adapter="alipay", base_url=base_url, limits=self._limits)

    def ask(self, method: str, paper: Paper, back: Return = NOWHERE) -> Answer:
        """Call a method and return its proven answer, whatever it says.

        Raises what the transport raises; OutcomeUnknownError for an answer nobody signed.
        """
        fields = self._signed(method, paper, back)
        answer = self._transport.call(HttpCall("POST", _PATH, _FORM, wire.form_body(fields)))
        node = wire.proven_node(self.keys, answer.body, method)
        return Answer(_text(node.data, "code"), _text(node.data, "sub_code"), node.data)

    def demand(self, method: str, paper: Paper, back: Return = NOWHERE) -> Mapping[str, Any]:
        """Call a method and return what it says; raise what a refusal stands for."""
        return self.ask(method, paper, back).good()

    def form(self, method: str, paper: Paper, back: Return) -> NextStep:
        """Return the form a payer's browser posts to the gateway: Alipay hears of it only then."""
        url = f"{self.profile.base_url.rstrip('/')}{_PATH}"
        return NextStep(StepKind.FORM_POST, url=url, fields=self._signed(method, paper, back))

    def page(self, method: str, paper: Paper, back: Return) -> NextStep:
        """Return the address of a page at the gateway, signed."""
        query = wire.form_body(self._signed(method, paper, back)).decode()
        return NextStep(
            StepKind.REDIRECT, url=f"{self.profile.base_url.rstrip('/')}/gateway.do?{query}"
        )

    def order_string(self, method: str, paper: Paper, back: Return) -> NextStep:
        """Return what Alipay's kit in an app is handed."""
        text = wire.form_body(self._signed(method, paper, back)).decode()
        return NextStep(StepKind.SDK_PAYLOAD, fields={"order_string": text})

    def statement_host(self, url: str) -> tuple[Transport, str]:
        """Return the line to a statement's host and the path there; ConfigError for a strange host.

        A signed answer names the address; still our client goes only where an account lets it.
        """
        parts, own = urlsplit(url), urlsplit(self.profile.base_url)
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        is_known = parts.scheme in {"http", "https"} and parts.netloc in self.profile.bill_hosts
        if not is_own and not is_known:
            raise ConfigError(f"{parts.netloc!r} is no host of Alipay's statements")
        # Alipay names plain addresses; its hosts answer over TLS as well.
        scheme = own.scheme if is_own else "https"
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.transport_to(f"{scheme}://{parts.netloc}"), path

    def _signed(self, method: str, paper: Paper, back: Return) -> dict[str, str]:
        fields = {
            "app_id": self.profile.app_id,
            "method": method,
            "format": "JSON",
            "charset": wire.CHARSET,
            "sign_type": wire.SIGN_TYPE,
            "timestamp": wire.instant_text(wall_now()),
            "version": "1.0",
            "notify_url": back.notify_url,
            "return_url": back.return_url,
            "biz_content": as_json(paper),
        }
        return wire.signed(self.keys, fields)


def as_json(paper: Paper) -> str:
    """Write a request's content."""
    return json.dumps(paper, ensure_ascii=False, separators=(",", ":"))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
