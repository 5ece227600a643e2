"""Answers as every part of the bank writes them: JSON, and refusals with code and message."""

from __future__ import annotations

from flask import Response

from payments.sandbox.refusals import Refusal
from payments.sandbox.signatures import as_json


def answer(data: object, status: int = 200) -> Response:
    """Write a JSON answer."""
    return Response(as_json(data), status, content_type="application/json; charset=utf-8")


def refusal_answer(refusal: Refusal) -> Response:
    """Write a refusal: code, message, detail."""
    data = {"code": refusal.code, "message": refusal.message, "detail": refusal.detail}
    return answer(data, refusal.status)
