"""How refusals look in the interface's own description."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class Refusal(serializers.Serializer):
    """Why something was not done: a code for programs, a sentence for people, figures."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]
    data = serializers.DictField(required=False)


_REFUSED: Final = OpenApiResponse(Refusal)
REFUSALS: Final[dict[int, Any]] = dict.fromkeys(
    (400, 401, 403, 404, 405, 406, 409, 415, 422, 429, 503), _REFUSED
)
KEY: Final = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    type={"type": "string", "minLength": 8, "maxLength": 80, "pattern": "^[A-Za-z0-9_.:-]+$"},
    description="The same key with the same body gets the first answer again.",
)
