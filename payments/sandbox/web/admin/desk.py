"""What the rooms of the admin plane share: reading a command, naming the merchant."""

from __future__ import annotations

from typing import Any

from flask import request

from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal


def merchant_of(bank: Bank) -> str:
    """Return whose books are meant: `?merchant=`, else the bank's own merchant."""
    return request.args.get("merchant", "") or bank.settings.merchant_id


def said() -> dict[str, Any]:
    """Read the command's JSON object; Refusal PARAM_ERROR for anything else."""
    command = request.get_json(silent=True, force=True)
    if not isinstance(command, dict):
        raise Refusal("PARAM_ERROR", "a JSON object is needed")
    return command


def said_if_any() -> dict[str, Any]:
    """Read the command's JSON object; a command without a body says nothing."""
    return said() if request.get_data() else {}


def whole(command: dict[str, Any], name: str) -> int:
    """Read a whole number; Refusal PARAM_ERROR."""
    value = command.get(name)
    if type(value) is not int:
        raise Refusal("PARAM_ERROR", f"{name} is not a whole number")
    return value


def text(command: dict[str, Any], name: str, default: str = "") -> str:
    """Read a text; Refusal PARAM_ERROR."""
    value = command.get(name, default)
    if not isinstance(value, str):
        raise Refusal("PARAM_ERROR", f"{name} is not a text")
    return value
