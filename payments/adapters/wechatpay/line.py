"""The line to WeChat Pay: every question signed, every answer checked, refusals raised."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Never, TypeVar

from payments.acquiring.contract import NotSentError
from payments.acquiring.registry import Account
from payments.acquiring.transport import HttpAnswer, HttpCall, HttpFile, Limits, Transport
from payments.adapters.wechatpay import wire
from payments.adapters.wechatpay.codes import raise_refusal
from payments.adapters.wechatpay.keys import Keys
from payments.adapters.wechatpay.profile import Profile
from payments.kernel.clock import wall_now

CODE: Final = "wechatpay"
_LIMITS: Final[Mapping[str, Callable[[str], float]]] = {
    **dict.fromkeys(("connect_seconds", "read_seconds", "total_seconds"), float),
    **dict.fromkeys(("file_read_seconds", "file_total_seconds"), float),
    **dict.fromkeys(("answer_bytes_max", "file_bytes_max"), int),
}
_Came = TypeVar("_Came")


@dataclass(frozen=True, slots=True)
class Said:
    """A proven answer: its status and its object."""

    status: int
    data: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether it is a yes."""
        return self.status in {200, 202, 204}

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.data.get("code", ""))

    def refuse(self) -> Never:
        """Raise what a refusal stands for."""
        raise_refusal(self.status, self.code, str(self.data.get("message", "")))


def new_mark() -> wire.Mark:
    """Say when something is signed: now."""
    return wire.Mark(int(wall_now().timestamp()), secrets.token_hex(16).upper())


class Line:
    """One account's line. Raises what the transport raises and what refusals stand for."""

    def __init__(self, account: Account) -> None:
        """Read keys and settings; ConfigError when they are not usable."""
        self.account_code = account.code
        self.keys = Keys.from_account(account)
        self.profile = Profile.from_account(account)
        said = account.settings
        limits: dict[str, Any] = {
            name: read(str(said[name])) for name, read in _LIMITS.items() if name in said
        }
        self.limits = Limits(**limits)
        addresses = [self.profile.base_url, self.profile.backup_url]
        self._transports = [
            Transport(adapter=CODE, base_url=address, limits=self.limits)
            for address in addresses
            if address
        ]

    def ask(
        self,
        method: str,
        path: str,
        paper: Mapping[str, object] | None = None,
        *,
        sealed_for: str = "",
    ) -> Said:
        """Send one signed request; return its proven answer, a refusal among them.

        `sealed_for` names the key a sensitive field of the paper was encrypted with.
        """
        body = b"" if paper is None else wire.as_json(paper)
        call = self._signed(method, path, body, accept=sealed_for)
        answer = self._first_reached(lambda transport: transport.call(call))
        return Said(answer.status, wire.read_answer(self.keys, answer, wall_now()))

    def demand(
        self,
        method: str,
        path: str,
        paper: Mapping[str, object] | None = None,
        *,
        sealed_for: str = "",
    ) -> dict[str, Any]:
        """Send one signed request and return the object of a yes; raise what a refusal says."""
        said = self.ask(method, path, paper, sealed_for=sealed_for)
        if not said.is_good:
            said.refuse()
        return said.data

    def download(self, path: str, *, into: Path) -> HttpAnswer | HttpFile:
        """Fetch a file; its answer is not signed, so whoever asks checks its digest."""
        call = self._signed("GET", path)
        return self._first_reached(lambda transport: transport.download(call, into=into))

    def refused_download(self, answer: HttpAnswer) -> Never:
        """Raise what a refused download stands for."""
        Said(answer.status, wire.read_answer(self.keys, answer, wall_now())).refuse()

    def _signed(self, method: str, path: str, body: bytes = b"", *, accept: str = "") -> HttpCall:
        return wire.signed_call(
            self.keys,
            method=method,
            path=path,
            body=body,
            mark=new_mark(),
            accept=accept,
        )

    def _first_reached(self, speak: Callable[[Transport], _Came]) -> _Came:
        """Go to the other host only where provably no byte reached the first."""
        *first, last = self._transports
        for transport in first:
            try:
                return speak(transport)
            except NotSentError:
                continue
        return speak(last)
