"""One log line per request, and the number that ties together all lines of one request."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse

from mall.config.masking import masked_text

log = structlog.get_logger("access")
_ACCEPTED_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_QUIET: Final = ("/healthz", "/readyz", "/static/", "/media/")


def request_log(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: give the request a number, log how it ended, return the number in the answer.

    The route is logged, not the path: a path can hold a pickup token, a query string a phone.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-Id", "")
        request_id = offered if _ACCEPTED_ID.fullmatch(offered) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = get_response(request)
        response["X-Request-Id"] = request_id
        if not request.path.startswith(_QUIET):
            log.info(
                "request",
                method=request.method,
                route=_route(request),
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000),
            )
        structlog.contextvars.clear_contextvars()
        return response

    return respond


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match else masked_text(request.path)[:100]
