"""The line to market pay: signed JSON out, signed JSON in."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from payments.acquiring.contract import Acquirer, ConfigError, OutcomeUnknownError
from payments.acquiring.registry import Account
from payments.acquiring.setup import Setup
from payments.acquiring.signing import (
    is_signed_rsa_sha256,
    load_private_key,
    load_public_key,
    read_key_file,
    sign_rsa_sha256,
)
from payments.acquiring.transport import HttpCall, Transport
from payments.adapters.ccb.documents import CHINA
from payments.adapters.ccb_hsb.codes import DONE
from payments.adapters.ccb_hsb.setup import SETUP
from payments.adapters.ccb_hsb.splice import SIGN, splice
from payments.kernel.clock import wall_now

_PLACE: Final = re.compile(r"[0-9A-Za-z]{1,40}", re.ASCII)
_SYSTEM: Final = "00000"
_CHANNEL: Final = "0" * 25
_JSON: Final[Mapping[str, str]] = {"Content-Type": "application/json; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class Market:
    """Our market at the bank, its keys, and the seller whose sub-orders ours are."""

    market_id: str
    seller_id: str
    base_url: str
    private: RSAPrivateKey
    platform: RSAPublicKey
    sub_appid: str = ""
    is_test: bool = False

    @classmethod
    def from_account(cls, account: Account) -> Market:
        """Read settings and key files; ConfigError."""
        said, files = account.settings, account.keys
        try:
            return cls(
                market_id=_place(account, "merchant_id"),
                seller_id=_place(account, "seller_id"),
                base_url=str(said.get("base_url") or "").rstrip("/"),
                private=load_private_key(read_key_file(files["private_key"])),
                platform=load_public_key(read_key_file(files["platform_public_key"])),
                sub_appid=str(said.get("sub_appid") or ""),
                is_test=str(said.get("is_test")).lower() == "true",
            )
        except KeyError as error:
            raise ConfigError(f"account {account.code} lacks a key file") from error


def _place(account: Account, name: str) -> str:
    value = str(account.settings.get(name) or "")
    if not _PLACE.fullmatch(value):
        raise ConfigError(f"account {account.code} lacks {name}")
    return value


class HsbLine(Acquirer):
    """Where the adapter's methods start: our market and a line. The merchant is the market."""

    code: ClassVar[str] = "ccb_hsb"
    protocol_version: ClassVar[str] = "online/direct 5"
    setup: ClassVar[Setup] = SETUP

    def __init__(self, *, account_code: str, market: Market) -> None:
        """Take our market."""
        self.account_code = account_code
        self.merchant_id = market.market_id
        self.is_test = market.is_test
        self._market = market
        self._transport = Transport(adapter=self.code, base_url=market.base_url)

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account; ConfigError when its keys or settings are not usable."""
        return cls(account_code=account.code, market=Market.from_account(account))

    def _ask(self, api: str, version: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Ask one question; return its answer: a signed one, or a refusal.

        OutcomeUnknownError for an answer that is no answer, or a success nobody signed.
        """
        at = wall_now().astimezone(CHINA)
        data = {
            "Ittparty_Stm_Id": _SYSTEM,
            "Py_Chnl_Cd": _CHANNEL,
            "Ittparty_Tms": f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}",
            "Ittparty_Jrnl_No": secrets.token_hex(16).upper(),
            "Mkt_Id": self._market.market_id,
            "Vno": version,
            **fields,
        }
        data[SIGN] = sign_rsa_sha256(self._market.private, splice(data).encode())
        body = json.dumps(data, ensure_ascii=False).encode()
        answer = self._transport.call(HttpCall("POST", f"/online/direct/{api}", _JSON, body))
        if answer.status != 200:
            raise OutcomeUnknownError(f"market pay answered {answer.status}")
        said = read_object(answer.body)
        if said is None or not said.get("Svc_Rsp_St"):
            raise OutcomeUnknownError("market pay's answer cannot be read")
        if said["Svc_Rsp_St"] == DONE and not self._is_theirs(said):
            raise OutcomeUnknownError("market pay's answer is not signed by it")
        return said

    def _is_theirs(self, said: Mapping[str, Any]) -> bool:
        try:
            text = splice(said)
        except ValueError:
            return False
        signature = str(said.get(SIGN) or "")
        return is_signed_rsa_sha256(self._market.platform, text.encode(), signature)


def read_object(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object in UTF-8, None for anything else; a name twice is anything else."""
    try:
        data = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
