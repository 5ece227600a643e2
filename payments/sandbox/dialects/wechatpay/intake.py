"""Reading a request of APIv3: what is missing or misshapen is PARAM_ERROR."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from payments.sandbox.clock import from_text
from payments.sandbox.notifier import is_allowed_url
from payments.sandbox.refusals import Refusal
from payments.sandbox.web import intake

NUMBER: Final = re.compile(r"[A-Za-z0-9_\-*|@]{6,64}")
_AMOUNT_MAX: Final = 100_000_000_00


@dataclass(frozen=True, slots=True)
class Paper(intake.Paper):
    """A request's JSON object, read field by field."""

    def our_number(self, name: str, *, length_max: int = 64) -> str:
        """Read a number of the merchant's."""
        value = self.text(name, length_max=length_max)
        if not NUMBER.fullmatch(value):
            raise Refusal("PARAM_ERROR", f"{name}格式错误")
        return value

    def whole(self, name: str) -> int:
        """Read an amount in whole fen above 0."""
        value = self.fields.get(name)
        if type(value) is not int or not 0 < value <= _AMOUNT_MAX:
            raise Refusal("PARAM_ERROR", f"{name}须为正整数,单位为分")
        return value

    def part(self, name: str) -> Paper:
        """Read an object inside."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise Refusal("PARAM_ERROR", f"{name}缺失")
        return Paper(value)

    def parts(self, name: str) -> list[Paper]:
        """Read a list of objects inside."""
        return [Paper(value) for value in self.objects(name)]

    def belongs_to(self, *, appid: str, merchant_id: str | None) -> None:
        """Check whose application and merchant number it names."""
        if self.fields.get("appid") != appid:
            raise Refusal("PARAM_ERROR", "appid错误")
        if merchant_id is not None and self.fields.get("mchid") != merchant_id:
            raise Refusal("PARAM_ERROR", "mchid错误")

    def moment(self, name: str) -> int:
        """Read an RFC 3339 instant as milliseconds."""
        return from_text(self.text(name, length_max=40), name=name)

    def told_at(self, hosts: frozenset[str], *, is_needed: bool = True) -> str:
        """Read where messages go."""
        url = self.text("notify_url", length_max=500, default=None if is_needed else "")
        if url and not is_allowed_url(url, hosts):
            raise Refusal("PARAM_ERROR", "notify_url不允许")
        return url

    @classmethod
    def of(cls, body: bytes) -> Paper:
        """Read a body."""
        return cls(intake.Paper.read(body).fields)

    def maybe(self, name: str) -> dict[str, Any]:
        """Read an object that may be missing."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}
