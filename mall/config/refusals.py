"""The last word on a refusal no page caught: a sentence and a way on, never a broken page."""

from __future__ import annotations

from typing import Any

import structlog
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from payments.api import LinliError, is_retriable

log = structlog.get_logger(__name__)


class BusyError(LinliError):
    """The database asked for patience more often than we tried again."""

    code = "busy"
    http_status = 503
    message = _("Very many neighbours are here right now. Please try again in a moment.")


class RefusalMiddleware:
    """Turns a LinliError out of a view into its sentence, with its HTTP status."""

    def __init__(self, get_response: Any) -> None:
        """Stand around the views."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request pass."""
        response: HttpResponse = self._get_response(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, *_call: Any) -> None:
        """Refuse NUL characters: no keyboard types them, and PostgreSQL stores none.

        An acquirer's message (csrf_exempt) is raw bytes and not looked into.
        """
        sent = [request.GET] if getattr(view, "csrf_exempt", False) else [request.GET, request.POST]
        texts = [text for fields in sent for _name, values in fields.lists() for text in values]
        if any("\0" in text for text in (request.path_info, *texts)):
            raise BadRequest("a NUL character in the address or the form")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say what was refused, or that it is too busy; anything else is not ours to explain."""
        if isinstance(error, OperationalError) and is_retriable(error):
            error = BusyError()
        if not isinstance(error, LinliError):
            return None
        log.warning("refused", code=error.code, path=request.path)
        text = str(error.user_message)
        if request.headers.get("HX-Request") == "true":
            messages.error(request, text)
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        context = {"sentence": text}
        return render(request, "errors/refused.html", context, status=error.http_status)
