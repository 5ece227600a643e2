"""The door for acquirers: raw bytes in, the exact answer out, nothing told to strangers."""

from __future__ import annotations

import logging
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from payments.acquiring.contract import RawHttp
from payments.services.notifications import (
    BODY_BYTES_MAX,
    UnknownAccountError,
    receive_notification,
)

logger = logging.getLogger(__name__)

REFUSED: Final = b'{"code":"FAIL"}'


@method_decorator(csrf_exempt, name="dispatch")
class NotifyView(View):
    """An acquirer's message. No session, no form parsing, no word about what was wrong."""

    # Some banks' messages are all query, and come by GET.
    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, account_code: str) -> HttpResponse:
        """Take a message that is in the address; an address without one is nobody's message."""
        if not request.META.get("QUERY_STRING"):
            return HttpResponseNotAllowed(["POST"])
        return self.post(request, account_code)

    def post(self, request: HttpRequest, account_code: str) -> HttpResponse:
        """Store, judge, act, answer."""
        if _declared_length(request) > BODY_BYTES_MAX:
            return _refusal(413)
        body = request.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            return _refusal(413)
        try:
            reply = receive_notification(account_code, _raw(request, body))
        except UnknownAccountError:
            return _refusal(404)
        return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)


def _declared_length(request: HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return int(declared) if declared.isascii() and declared.isdigit() else BODY_BYTES_MAX + 1


def _raw(request: HttpRequest, body: bytes) -> RawHttp:
    return RawHttp(
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", "").encode(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _refusal(status: int) -> HttpResponse:
    return HttpResponse(REFUSED, status=status, content_type="application/json")
