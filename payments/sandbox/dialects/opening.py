"""Which dialects there are, and opening those a bank was told to speak."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from payments.sandbox.core.bank import Bank
from payments.sandbox.dialects.door import Door

DIALECTS: Final[dict[str, str]] = {
    "alipay": "payments.sandbox.dialects.alipay.door:AlipayDoor",
    "ccb": "payments.sandbox.dialects.ccb.door:CcbDoor",
    "ccb_hsb": "payments.sandbox.dialects.ccb_hsb.door:HsbDoor",
    "wechatpay": "payments.sandbox.dialects.wechatpay.door:WeChatPayDoor",
    "unionpay": "payments.sandbox.dialects.unionpay.door:UnionPayDoor",
}


def open_doors(bank: Bank) -> list[Door]:
    """Open the doors of `bank.settings.dialects`; their merchants' notices are theirs to write."""
    doors = [_class_of(name)(bank) for name in bank.settings.dialects]
    bank.writers.update({door.merchant_id: door for door in doors})
    return doors


def _class_of(name: str) -> type[Door]:
    module, _, attribute = DIALECTS[name].partition(":")
    found: type[Door] = getattr(import_module(module), attribute)
    return found
