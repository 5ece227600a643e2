"""The bank as web programs: its API and pages, and the admin plane beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from flask import Flask, Response, request

from payments.sandbox.core.bank import Bank, open_bank
from payments.sandbox.dialects.opening import open_doors
from payments.sandbox.settings import Settings
from payments.sandbox.web.admin.plane import create_admin
from payments.sandbox.web.answers import answer
from payments.sandbox.web.api import merchants_api
from payments.sandbox.web.pages import payers_pages

__all__ = ["create_admin", "create_program", "open_program"]

BODY_BYTES_MAX = 65_536
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_program(bank: Bank) -> Flask:
    """Build the web program of an opened bank."""
    program = Flask("payments.sandbox", template_folder="web/templates", static_folder="web/static")
    program.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    program.jinja_env.trim_blocks = True
    program.jinja_env.lstrip_blocks = True
    program.register_blueprint(merchants_api(bank))
    program.register_blueprint(payers_pages(bank))
    for door in open_doors(bank):
        program.register_blueprint(door.routes(), url_prefix=f"/{door.name}")
    program.add_url_rule("/healthz", view_func=lambda: _health(bank), endpoint="healthz")
    program.after_request(_harden)
    return program


def open_program(
    settings: Settings, *, wait: Callable[[float], object] | None = None
) -> tuple[Flask, Bank]:
    """Open the bank of these settings and build its program.

    `wait` is how slow answers let time pass: a rehearsal without threads does its rounds in it.
    """
    bank = open_bank(settings, wait=wait) if wait else open_bank(settings)
    return create_program(bank), bank


def _health(bank: Bank) -> Response:
    try:
        bank.books.connection.execute("SELECT count(*) FROM merchants").fetchone()
    except sqlite3.Error:
        return answer({"status": "down"}, 503)
    return answer({"status": "ok", "merchant_id": bank.settings.merchant_id})


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    return response
