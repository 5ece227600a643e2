"""Banks' campaigns: what the sandbox takes off for card holders by itself."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from payments.sandbox.core import campaigns
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.campaigns import Campaign
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import said, text, whole
from payments.sandbox.web.answers import answer


def campaign_routes(admin: Flask, bank: Bank) -> None:
    """Add /_campaigns."""

    @admin.get("/_campaigns")
    def campaigns_shown() -> Response:
        """List them with what each has spent."""
        return answer({"campaigns": campaigns.listed(bank.books.connection)})

    @admin.post("/_campaigns")
    def campaign_started() -> Response:
        """Begin one, or change it.

        {"code": "ccb-minus16", "issuer_code": "CCB", "kinds": ["credit"], "threshold_minor": 20000,
        "discount_minor": 1600, "budget_minor": 100000}; without kinds any card of the issuer,
        without a budget without an end; "giver" names who owes the money, by default the issuer.
        """
        campaign = _read(said())
        with bank.books.writing() as connection:
            campaigns.start(connection, campaign)
            return answer({"campaigns": campaigns.listed(connection)})

    @admin.delete("/_campaigns/<code>")
    def campaign_ended(code: str) -> Response:
        """End one: payments from now on get nothing from it."""
        with bank.books.writing() as connection:
            campaigns.end(connection, code)
            return answer({"campaigns": campaigns.listed(connection)})


def _read(command: dict[str, Any]) -> Campaign:
    issuer, code = text(command, "issuer_code"), text(command, "code")
    kinds = command.get("kinds", [])
    if not issuer or not code:
        raise Refusal("PARAM_ERROR", "code and issuer_code are needed")
    if not isinstance(kinds, list) or not set(kinds) <= {"debit", "credit"}:
        raise Refusal("PARAM_ERROR", "kinds is a list of debit and credit")
    return Campaign(
        code=code,
        giver=text(command, "giver", issuer),
        issuer_code=issuer,
        kinds=tuple(kinds),
        threshold_minor=whole(command, "threshold_minor"),
        discount_minor=whole(command, "discount_minor"),
        budget_minor=whole(command, "budget_minor") if "budget_minor" in command else None,
    )
