"""The line to UnionPay: every question signed, every answer proven and about what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Never, Self

from payments.acquiring.contract import Acquirer, OutcomeUnknownError
from payments.acquiring.registry import Account
from payments.acquiring.transport import HttpCall, Limits, Transport
from payments.adapters.unionpay import codes, wire
from payments.adapters.unionpay.certificates import CertificateRefusedError
from payments.adapters.unionpay.keys import Keys, Profile, read_keys, read_profile
from payments.adapters.unionpay.messages import kept
from payments.kernel.clock import wall_now

PAGE: Final = "/gateway/api/frontTransReq.do"
BACK: Final = "/gateway/api/backTransReq.do"
APP: Final = "/gateway/api/appTransReq.do"
QUESTION: Final = "/gateway/api/queryTrans.do"
FILE: Final = "/"
_LIMITS: Final[Mapping[str, Callable[[str], float]]] = {
    **dict.fromkeys(("connect_seconds", "read_seconds", "total_seconds"), float),
    **dict.fromkeys(("file_read_seconds", "file_total_seconds"), float),
    **dict.fromkeys(("answer_bytes_max", "file_bytes_max"), int),
}


class UnionPayLine(Acquirer):
    """Where the adapter's methods start: our keys and two lines, one for files."""

    code: ClassVar[str] = "unionpay"
    protocol_version: ClassVar[str] = wire.VERSION

    def __init__(
        self, *, account_code: str, profile: Profile, keys: Keys, lines: tuple[Transport, Transport]
    ) -> None:
        """Take our keys, the line to the gateway and the line to its files."""
        self.account_code = account_code
        self.merchant_id = profile.merchant_id
        self.is_test = profile.is_test
        self._profile = profile
        self._keys = keys
        self._gateway, self._files = lines
        # Where a payer's browser posts what we signed for her.
        self._page_url = profile.base_url + PAGE

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or address are not usable."""
        said = account.settings
        limits: dict[str, Any] = {
            name: read(str(said[name])) for name, read in _LIMITS.items() if name in said
        }
        address = str(said.get("base_url"))
        gateway, files = (
            Transport(adapter=cls.code, base_url=url, limits=Limits(**limits))
            for url in (address, str(said.get("file_url") or address))
        )
        return cls(
            account_code=account.code,
            profile=read_profile(account),
            keys=read_keys(account),
            lines=(gateway, files),
        )

    def _signed(self, fields: Mapping[str, str]) -> wire.Fields:
        """Add what every message of ours has, and sign it."""
        common = {
            "version": wire.VERSION,
            "encoding": wire.ENCODING,
            "signMethod": wire.SIGN_METHOD,
            "accessType": "0",
            "merId": self.merchant_id,
            "certId": self._keys.cert_id,
        }
        return wire.sign({**common, **fields}, self._keys.merchant)

    def _call(self, path: str, fields: Mapping[str, str]) -> HttpCall:
        body = wire.form_body(self._signed(fields))
        return HttpCall("POST", path, {"Content-Type": wire.FORM_TYPE}, body)

    def _ask(self, path: str, fields: Mapping[str, str]) -> wire.Fields:
        """Send one question; return its proven answer, whatever its code. OutcomeUnknownError."""
        answer = self._gateway.call(self._call(path, fields))
        if answer.status != 200:
            raise OutcomeUnknownError(
                f"UnionPay answered {answer.status}", acquirer_code=str(answer.status)
            )
        try:
            said = wire.read_answer(answer.body)
        except wire.UnreadableError as error:
            raise OutcomeUnknownError("UnionPay's answer cannot be read") from error
        self._believe(said, fields)
        return said

    def _believe(self, said: wire.Fields, asked: Mapping[str, str]) -> None:
        """Believe an answer that UnionPay signed and that is about this question."""
        self._prove(said)
        names = ("txnType", "orderId", "txnTime")
        same = all(said.get(name, "") == asked.get(name, "") for name in names)
        if not same or said.get("merId") != self.merchant_id:
            raise OutcomeUnknownError("UnionPay answered about something else")

    def _prove(self, said: wire.Fields) -> None:
        """Refuse an answer that is not UnionPay's; OutcomeUnknownError."""
        try:
            key = self._keys.trust.check(said.get(wire.CERTIFICATE, ""), wall_now())
        except CertificateRefusedError as error:
            raise OutcomeUnknownError(f"UnionPay's answer proves nothing: {error}") from error
        is_ours = (said.get("version"), said.get("signMethod")) == (wire.VERSION, wire.SIGN_METHOD)
        if not is_ours or not wire.is_signed(said, key):
            raise OutcomeUnknownError("UnionPay's answer is not signed by it")

    def _demand(self, path: str, fields: Mapping[str, str]) -> wire.Fields:
        """Send one request that must be accepted; raise what a refusal stands for."""
        said = self._ask(path, fields)
        if said.get("respCode") not in codes.DONE:
            self._refused(said)
        return said

    @staticmethod
    def _refused(said: wire.Fields) -> Never:
        codes.raise_refusal(said.get("respCode", ""), said.get("respMsg", ""), kept(said))
