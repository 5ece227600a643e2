"""Reading a merchant's request: every field has a type, a length and a shape."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from payments.sandbox.clock import from_text
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal

NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{6,40}")
ACCOUNT: Final = re.compile(r"[A-Za-z0-9_.@-]{4,64}")
PHONE: Final = re.compile(r"\+?[0-9]{5,18}")
_AMOUNT_MAX: Final = 100_000_000_00


@dataclass(frozen=True, slots=True)
class Paper:
    """A request's JSON object, read field by field."""

    fields: dict[str, Any]

    @classmethod
    def read(cls, body: bytes) -> Paper:
        """Read a JSON object; Refusal PARAM_ERROR for anything else."""
        try:
            fields = json.loads(body)
        except ValueError as error:
            raise Refusal("PARAM_ERROR", "the body is not JSON") from error
        if not isinstance(fields, dict):
            raise Refusal("PARAM_ERROR", "the body is not a JSON object")
        return cls(fields)

    def text(self, name: str, *, length_max: int = 200, default: str | None = None) -> str:
        """Read a text; without a default it must be there and not be empty."""
        value = self.fields.get(name, default)
        if not isinstance(value, str) or len(value) > length_max or (default is None and not value):
            raise Refusal("PARAM_ERROR", f"{name} is not a text of 1 to {length_max} characters")
        if not value.isprintable():
            raise Refusal("PARAM_ERROR", f"{name} holds characters nobody can read")
        return value

    def number(self, name: str) -> str:
        """Read a merchant's number: 6 to 40 letters, digits, - or _."""
        value = self.text(name, length_max=40)
        if not NUMBER.fullmatch(value):
            raise Refusal("PARAM_ERROR", f"{name} is not a number of 6 to 40 letters and digits")
        return value

    def account(self, name: str) -> str:
        """Read a receiver's account: 4 to 64 letters, digits and . @ - _."""
        value = self.text(name, length_max=64)
        if not ACCOUNT.fullmatch(value):
            raise Refusal("PARAM_ERROR", f"{name} is not an account of 4 to 64 letters and digits")
        return value

    def flag(self, name: str) -> bool:
        """Read true or false; false where nothing is said."""
        value = self.fields.get(name, False)
        if type(value) is not bool:
            raise Refusal("PARAM_ERROR", f"{name} is neither true nor false")
        return value

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Read a list of objects."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Refusal("PARAM_ERROR", f"{name} is not a list of objects")
        return value

    def amount(self, name: str = "amount") -> tuple[int, str]:
        """Read {"minor": …, "currency": "CNY"}: whole fen, more than nothing."""
        value = self.fields.get(name)
        minor = value.get("minor") if isinstance(value, dict) else None
        if type(minor) is not int or not 0 < minor <= _AMOUNT_MAX:
            raise Refusal("PARAM_ERROR", f"{name}.minor is not a whole number of fen above 0")
        if not isinstance(value, dict) or value.get("currency") != "CNY":
            raise Refusal("PARAM_ERROR", f"{name}.currency must be CNY")
        return minor, "CNY"

    def instant(self, name: str) -> int:
        """Read an RFC 3339 instant as milliseconds."""
        return from_text(self.text(name, length_max=40), name=name)

    def notify_url(self, hosts: frozenset[str]) -> str:
        """Read where notices go; empty for none; Refusal NOTIFY_URL_NOT_ALLOWED."""
        url = self.text("notify_url", length_max=500, default="")
        if url and not is_allowed_url(url, hosts):
            raise Refusal("NOTIFY_URL_NOT_ALLOWED", "notices may not be posted to that host")
        return url

    def return_url(self) -> str:
        """Read where the payer's browser goes back to; empty for nowhere."""
        url = self.text("return_url", length_max=500, default="")
        if url and urlsplit(url).scheme not in {"http", "https"}:
            raise Refusal("PARAM_ERROR", "return_url is not an http address")
        return url
