"""The admin plane's own web program."""

from __future__ import annotations

import logging
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.books import book_routes
from payments.sandbox.web.admin.campaigns import campaign_routes
from payments.sandbox.web.admin.clock import clock_routes
from payments.sandbox.web.admin.fate import fate_routes
from payments.sandbox.web.admin.faults import fault_routes
from payments.sandbox.web.admin.keys import key_routes
from payments.sandbox.web.admin.payer import payer_routes
from payments.sandbox.web.answers import answer, refusal_answer

logger = logging.getLogger(__name__)

BODY_BYTES_MAX: Final = 65_536
_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})


def create_admin(bank: Bank) -> Flask:
    """Build the admin plane of an opened bank."""
    admin = Flask("payments.sandbox.web.admin", static_folder=None)
    admin.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    _guard(admin, bank)
    admin.add_url_rule("/healthz", view_func=lambda: answer({"status": "ok"}), endpoint="healthz")
    fault_routes(admin, bank)
    book_routes(admin, bank)
    campaign_routes(admin, bank)
    clock_routes(admin)
    payer_routes(admin, bank)
    fate_routes(admin, bank)
    key_routes(admin, bank)
    return admin


def _guard(admin: Flask, bank: Bank) -> None:
    @admin.before_request
    def refuse_browsers() -> None:
        # A page somewhere else must not be able to send commands through its reader's browser.
        if request.host.partition(":")[0] not in _HOSTS or "Origin" in request.headers:
            raise Refusal("NOT_FOR_BROWSERS", "ask from this machine, by a program", status=403)

    @admin.after_request
    def ring(response: Response) -> Response:
        if request.method == "POST":
            bank.bell.set()
        return response

    @admin.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return refusal_answer(refusal)

    @admin.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return answer({"code": "PARAM_ERROR", "message": error.name}, error.code or 500)
        logger.error("admin.broken path=%s", request.path, exc_info=error)
        return answer({"code": "SYSTEM_ERROR", "message": str(error)}, 500)
