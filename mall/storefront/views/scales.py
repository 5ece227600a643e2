"""The door for scales: POST /api/scales/weighings, described in docs/scales.md."""

from __future__ import annotations

from typing import Any, Final

import structlog
from django.db import OperationalError
from django.http import HttpRequest, JsonResponse, RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mall.fulfilment.asking import count_asking, require_seldom
from mall.fulfilment.errors import AskedTooOftenError, ScaleUnknownError, WishUnreadableError
from mall.fulfilment.readings import read_reading
from mall.fulfilment.scales import answer_of, hear, scale_of, weigh_by_scale
from mall.storefront.visitor import client_ip
from payments.api import LinliError, is_retriable

log = structlog.get_logger(__name__)
BODY_MAX: Final = 1024 * 1024
_WRONG_KEYS_A_MINUTE: Final = 30


@csrf_exempt  # no session and no cookie: the key is in the header
@require_POST
def weighings(request: HttpRequest) -> JsonResponse:
    """Take one weight; the answer is JSON whatever happens."""
    try:
        weighing = _take(request)
    except LinliError as refusal:
        return _refused(refusal)
    except OperationalError as error:
        if not is_retriable(error):
            raise
        return _refused(AskedTooOftenError(wait_seconds=1))
    return JsonResponse(answer_of(weighing), status=201)


def _take(request: HttpRequest) -> Any:
    stranger = f"scale-key:{client_ip(request)}"
    require_seldom(stranger, most=_WRONG_KEYS_A_MINUTE)
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    try:
        device = scale_of(key.strip() if scheme == "Bearer" else "")
    except ScaleUnknownError:
        count_asking(stranger, most=_WRONG_KEYS_A_MINUTE)
        raise
    hear(device)
    reading = read_reading(_body(request), key=request.headers.get("Idempotency-Key", ""))
    return weigh_by_scale(device, reading)


def _body(request: HttpRequest) -> bytes:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not (declared.isascii() and declared.isdigit()) or int(declared[:10]) > BODY_MAX:
        raise WishUnreadableError(field="Content-Length")
    try:
        return request.read(BODY_MAX + 1)[:BODY_MAX]
    except (UnreadablePostError, RawPostDataException) as error:
        raise WishUnreadableError(field="") from error


def _refused(refusal: LinliError) -> JsonResponse:
    log.warning("scale.refused", code=refusal.code)
    answer = {"code": refusal.code, "message": str(refusal.user_message), "data": refusal.data}
    response = JsonResponse(answer, status=refusal.http_status)
    if "wait_seconds" in refusal.data:
        response["Retry-After"] = str(refusal.data["wait_seconds"])
    if refusal.http_status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
