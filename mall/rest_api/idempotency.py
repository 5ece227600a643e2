"""A wish sent again gets the first answer: the key of a POST, kept with what was answered.

Under /api/ every POST but those of signing in carries an Idempotency-Key (8 to 80 letters, digits,
dashes). The same key with another body is refused; while the first is still worked on, the second
is told to wait. Refusals that may be over in a moment (sign in, busy, too many) are not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from mall.rest_api.models import KeptAnswer
from payments.api import now

PREFIX: Final = "/api/"
# Scales keep their own answers: a weighing is its own row.
_FREE: Final = re.compile(r"^/api/(v1/sign-(in|out)|scales)/")
_KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{8,80}")
# Whoever holds a key longer was killed; the wish may be worked on anew, its services are safe.
_LEASE: Final = timedelta(seconds=60)
_KEPT: Final = timedelta(hours=48)
_NOT_KEPT: Final = frozenset({401, 403, 404, 405, 408, 409, 425, 429})


class IdempotencyMiddleware:
    """Stands before the API's views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand around the views."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a wish that was answered before, keep the answer of a new one."""
        if not _asks_for_something(request):
            return self._get_response(request)
        taken = _take(request)
        if isinstance(taken, HttpResponse):
            return taken
        response = self._get_response(request)
        _keep(taken, response)
        return response


def forget_old(limit: int) -> dict[str, int]:
    """Delete answers nobody asks for again; a job."""
    old = KeptAnswer.objects.filter(begun_at__lt=now() - _KEPT).order_by("begun_at")
    keys = list(old.values_list("pk", flat=True)[:limit])
    return {"forgotten": KeptAnswer.objects.filter(pk__in=keys).delete()[0]}


def _asks_for_something(request: HttpRequest) -> bool:
    is_ours = request.path_info.startswith(PREFIX) and request.method == "POST"
    # Whoever is nobody is told to sign in; nothing is kept for her.
    is_somebody = bool(request.headers.get("Authorization"))
    return is_ours and is_somebody and not _FREE.match(request.path_info)


def _take(request: HttpRequest) -> KeptAnswer | HttpResponse:
    """Take the wish's key: to be worked on now, or answered with a refusal or what was kept."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        text = _("Please send an Idempotency-Key of 8 to 80 letters, digits or dashes.")
        return _refuse("idempotency_key", text, 400)
    try:
        wish = _wish(request)
    except RequestDataTooBig:
        return _refuse("too_big", _("This is more than we read at once."), 413)
    caller = _caller(request)
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(caller=caller, key=key, wish=wish, begun_at=now())
    except IntegrityError:
        return _known(KeptAnswer.objects.get(caller=caller, key=key), wish)


def _known(kept: KeptAnswer, wish: str) -> KeptAnswer | HttpResponse:
    """Answer a key that was used before; one whose worker is long gone is worked on anew."""
    if kept.wish != wish:
        text = _("This Idempotency-Key was used for something else. Please use a new one.")
        return _refuse("idempotency_conflict", text, 422)
    if kept.status is not None:
        return _again(kept)
    at = now()
    stale = KeptAnswer.objects.filter(pk=kept.pk, status=None, begun_at=kept.begun_at)
    if kept.begun_at > at - _LEASE or not stale.update(begun_at=at):
        text = _("This is being worked on. Please ask again in a moment.")
        return _refuse("in_progress", text, 409)
    return kept


def _keep(kept: KeptAnswer, response: HttpResponse) -> None:
    row = KeptAnswer.objects.filter(pk=kept.pk, status=None)
    if response.status_code >= 500 or response.status_code in _NOT_KEPT:
        row.delete()
        return
    row.update(status=response.status_code, body=response.content.decode())


def _again(kept: KeptAnswer) -> HttpResponse:
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _refuse(code: str, text: str, status: int) -> HttpResponse:
    return JsonResponse({"code": code, "message": text}, status=status)


def _caller(request: HttpRequest) -> str:
    return hashlib.sha256(request.headers["Authorization"].encode()).hexdigest()


def _wish(request: HttpRequest) -> str:
    """Digest address and body; of files only how long they are, for they are read once, later."""
    body = b""
    if not (request.content_type or "").startswith("multipart/"):
        body = request.body
    length = request.META.get("CONTENT_LENGTH", "").encode()
    parts = (b"POST", request.get_full_path().encode(), length, body)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
