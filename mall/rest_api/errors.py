"""Every refusal in one shape: a stable code, a sentence in the reader's language, figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, OperationalError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from payments.api import LinliError, is_retriable

log = structlog.get_logger(__name__)

# Django REST framework's words for what we say in ours.
_CODES: Final = {
    "parse_error": "bad_json",
    "invalid": "invalid",
    "authentication_failed": "sign_in",
    "not_authenticated": "sign_in",
    "permission_denied": "forbidden",
    "not_found": "not_found",
    "method_not_allowed": "method_not_allowed",
    "not_acceptable": "not_acceptable",
    "unsupported_media_type": "unsupported_media_type",
    "throttled": "too_many",
}

_UNREADABLE: Final = ("invalid", gettext_lazy("Something in the request cannot be read."), 400)
# What Django itself raises, and how it is told.
_PLAIN: Final[dict[tuple[type[Exception], ...], tuple[str, Promise, int]]] = {
    (Http404, ObjectDoesNotExist): (
        "not_found",
        gettext_lazy("There is nothing here for you."),
        404,
    ),
    (PermissionDenied,): ("forbidden", gettext_lazy("You may not do this."), 403),
    (BadRequest, DataError, OverflowError, ModelError): _UNREADABLE,
}


def answer_error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception out of a view into {code, message, fields, data}; ours to explain or none.

    Named by the setting EXCEPTION_HANDLER of Django REST framework.
    """
    set_rollback()
    if isinstance(error, LinliError):
        log.info("api.refused", code=error.code, view=type(context.get("view")).__name__)
        return refusal(error.code, str(error.user_message), error.http_status, data=error.data)
    if isinstance(error, exceptions.APIException):
        return _of_the_framework(error)
    if isinstance(error, OperationalError) and is_retriable(error):
        return refusal("busy", _("Very many neighbours are here right now. Try again."), 503)
    for kinds, (code, text, status) in _PLAIN.items():
        if isinstance(error, kinds):
            return refusal(code, str(text), status)
    return None


def _of_the_framework(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        text = _("Please check what was sent; each field says what is wrong with it.")
        return refusal("invalid", text, 400, fields=_fields(error.detail))
    code = _CODES.get(str(error.get_codes()), str(error.default_code))
    answer = refusal(code, str(error.detail), error.status_code)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def refusal(
    code: str,
    message: str,
    status: int,
    *,
    fields: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Response:
    """Return the one shape every refusal has."""
    body: dict[str, Any] = {"code": code, "message": message}
    if fields:
        body["fields"] = fields
    if data:
        body["data"] = {name: _plain(value) for name, value in data.items()}
    return Response(body, status=status)


def _fields(detail: Any) -> dict[str, Any]:
    """Return per field what is wrong with it; what concerns the whole is under its own name."""
    if isinstance(detail, Mapping):
        return {str(name): _texts(each) for name, each in detail.items()}
    return {"": _texts(detail)}


def _texts(detail: Any) -> Any:
    if isinstance(detail, Mapping):
        return {str(name): _texts(each) for name, each in detail.items()}
    if isinstance(detail, list | tuple):
        return [_texts(each) for each in detail]
    return str(detail)


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(value)
