"""The line to one sandbox: every question signed, every answer checked, refusals raised."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Never, Self

from payments.acquiring.contract import Acquirer
from payments.acquiring.registry import Account
from payments.acquiring.transport import HttpCall, Limits, Transport
from payments.adapters.sandbox import wire
from payments.adapters.sandbox.codes import raise_refusal
from payments.kernel.clock import wall_now

_LIMITS: Final[Mapping[str, Callable[[str], float]]] = {
    **dict.fromkeys(("connect_seconds", "read_seconds", "total_seconds"), float),
    **dict.fromkeys(("file_read_seconds", "file_total_seconds"), float),
    **dict.fromkeys(("answer_bytes_max", "file_bytes_max"), int),
}


class SandboxLine(Acquirer):
    """Where the sandbox adapter's methods start: our keys and a line."""

    code: ClassVar[str] = "sandbox"
    protocol_version: ClassVar[str] = "1"
    is_test: bool = True

    def __init__(self, *, account_code: str, keys: wire.Keys, transport: Transport) -> None:
        """Take our keys and a line to the sandbox."""
        self.account_code = account_code
        self.merchant_id = keys.merchant_id
        self._keys = keys
        self._transport = transport

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or address are not usable."""
        said = account.settings
        limits: dict[str, Any] = {
            name: read(str(said[name])) for name, read in _LIMITS.items() if name in said
        }
        return cls(
            account_code=account.code,
            keys=wire.Keys.from_account(account),
            transport=Transport(
                adapter=cls.code, base_url=str(said.get("base_url")), limits=Limits(**limits)
            ),
        )

    def _signed(
        self, method: str, path: str, paper: Mapping[str, object] | None = None
    ) -> HttpCall:
        return wire.signed_call(
            self._keys,
            method=method,
            path=path,
            body=b"" if paper is None else wire.as_json(paper),
            stamp=int(wall_now().timestamp()),
            nonce=secrets.token_hex(16),
        )

    def _ask(
        self, method: str, path: str, paper: Mapping[str, object] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send one signed request; return status and signed answer."""
        call = self._signed(method, path, paper)
        answer = self._transport.call(call)
        return answer.status, wire.read_answer(self._keys, call, answer)

    def _demand(
        self, method: str, path: str, paper: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """Send one signed request and return its 200 answer; raise what a refusal stands for."""
        status, data = self._ask(method, path, paper)
        if status != 200:
            self._refused(data)
        return data

    def _refused(self, data: Mapping[str, Any]) -> Never:
        code, message = str(data.get("code", "")), str(data.get("message", ""))
        raise_refusal(code, message, {"code": code, "message": message})
