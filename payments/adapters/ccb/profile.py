"""Our shop at the bank: numbers, counters and addresses of an account, and its keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import Account
from payments.acquiring.signing import load_public_key, read_key_file
from payments.adapters.ccb.codes import NO_RECORD
from payments.adapters.ccb.mac import pub_of

_PLACE: Final = re.compile(r"[0-9A-Za-z]{1,30}", re.ASCII)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{60,4096}", re.ASCII)
QUERY_FORMS: Final = ("orderid", "range")
BILL_FORMS: Final = ("settled", "unsettled")
REFUND_DAYS: Final = 180
_DAYS_MAX: Final = 365


@dataclass(frozen=True, slots=True)
class Keys:
    """The bank's public key of our counter, its tail PUB, and two passwords."""

    public: RSAPublicKey
    pub: str
    query_password: str
    operator_password: str

    @classmethod
    def from_account(cls, account: Account) -> Keys:
        """Read the key files an account names; ConfigError when one is missing or unreadable."""
        files = account.keys
        if "public_key" not in files:
            raise ConfigError(f"account {account.code} names no public_key")
        text = read_key_file(files["public_key"]).strip()
        public = _public_key(text)
        return cls(
            public=public,
            pub=pub_of(_der_hex(public)),
            query_password=_password(files, "query_password"),
            operator_password=_password(files, "operator_password"),
        )


def _public_key(text: bytes) -> RSAPublicKey:
    """Load the key as the merchants' portal shows it, hex of its DER form, or as PEM."""
    if text.startswith(b"-----"):
        return load_public_key(text)
    try:
        if not _HEX.fullmatch(text.decode("ascii")):
            raise ConfigError("the bank's public key is neither hex nor PEM")
        key = load_der_public_key(bytes.fromhex(text.decode("ascii")))
    except ValueError as error:
        raise ConfigError("the bank's public key cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("the bank's public key is not RSA")
    return key


def _der_hex(key: RSAPublicKey) -> str:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def _password(files: Mapping[str, str], name: str) -> str:
    if name not in files:
        return ""
    try:
        return read_key_file(files[name]).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not plain text") from error


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account's settings say. Where a sidecar is named, refunds and statements work."""

    merchant_id: str
    pos_id: str
    branch_id: str
    base_url: str
    sidecar_url: str = ""
    files_url: str = ""
    customer_id: str = ""
    user_id: str = ""
    query_form: str = "orderid"
    bill_form: str = "settled"
    h5: bool = False
    sub_appid: str = ""
    refund_window_days: int = REFUND_DAYS
    no_record: frozenset[str] = NO_RECORD
    is_test: bool = False

    @classmethod
    def from_account(cls, account: Account) -> Profile:
        """Read the settings; ConfigError when one is missing or makes no sense."""
        said = account.settings
        merchant_id = _place(account, "merchant_id")
        sidecar_url = str(said.get("sidecar_url") or "").rstrip("/")
        more = str(said.get("no_record_codes") or "")
        return cls(
            merchant_id=merchant_id,
            pos_id=_place(account, "pos_id"),
            branch_id=_place(account, "branch_id"),
            base_url=str(said.get("base_url") or "").rstrip("/"),
            sidecar_url=sidecar_url,
            files_url=str(said.get("files_url") or (f"{sidecar_url}/files" if sidecar_url else "")),
            customer_id=str(said.get("customer_id") or merchant_id),
            user_id=str(said.get("user_id") or ""),
            query_form=_one_of(account, "query_form", QUERY_FORMS),
            bill_form=_one_of(account, "bill_form", BILL_FORMS),
            h5=_is_true(said.get("h5")),
            sub_appid=str(said.get("sub_appid") or ""),
            refund_window_days=_days(account),
            no_record=NO_RECORD | {code.strip() for code in more.split(",") if code.strip()},
            is_test=_is_true(said.get("is_test")),
        )


def _place(account: Account, name: str) -> str:
    value = str(account.settings.get(name) or "")
    if not _PLACE.fullmatch(value):
        raise ConfigError(f"account {account.code} lacks {name}")
    return value


def _one_of(account: Account, name: str, known: tuple[str, ...]) -> str:
    """Read a word of a short list; the first is meant where none is said."""
    value = str(account.settings.get(name) or known[0])
    if value not in known:
        raise ConfigError(f"account {account.code}: {name} is one of {', '.join(sorted(known))}")
    return value


def _days(account: Account) -> int:
    text = str(account.settings.get("refund_window_days") or REFUND_DAYS)
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= _DAYS_MAX):
        raise ConfigError(f"account {account.code}: refund_window_days is 1 to {_DAYS_MAX}")
    return int(text)


def _is_true(value: object) -> bool:
    return str(value).lower() in {"true", "1", "yes"}
