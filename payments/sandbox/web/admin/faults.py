"""Asking for misbehaviour: rules are posted, listed and deleted; chance is seeded."""

from __future__ import annotations

from flask import Flask, Response

from payments.sandbox.core.bank import Bank
from payments.sandbox.faults import FAULTS
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import said, whole
from payments.sandbox.web.answers import answer


def fault_routes(admin: Flask, bank: Bank) -> None:
    """Add /_faults and /_seed."""

    @admin.get("/_faults")
    def list_rules() -> Response:
        return answer({"rules": bank.rules.listed(), "faults": list(FAULTS)})

    @admin.post("/_faults")
    def add_rule() -> Response:
        rule = said()
        if rule.get("fault") == "notify_old_key" and not bank.keys.has_older_bank_key:
            raise Refusal("NO_OLDER_KEY", "rotate the bank's key first", status=409)
        return answer({"id": bank.rules.add(rule)})

    @admin.delete("/_faults")
    def delete_rules() -> Response:
        return answer({"deleted": bank.rules.delete()})

    @admin.delete("/_faults/<int:rule_id>")
    def delete_rule(rule_id: int) -> Response:
        if not bank.rules.delete(rule_id):
            raise Refusal("RULE_NOT_FOUND", "no such rule", status=404)
        return answer({"deleted": 1})

    @admin.post("/_seed")
    def seed() -> Response:
        number = whole(said(), "seed")
        bank.rules.seed(number)
        return answer({"seed": number})
