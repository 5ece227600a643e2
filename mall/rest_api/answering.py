"""Reading what was sent and answering with plain values, in one way for every address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework_dataclasses.serializers import DataclassSerializer


def checked(form: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """Return what was sent, once it was found valid; else each field says what is wrong."""
    filled = form(data=data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)


def shape(dataclass: type, *, many: bool = False) -> DataclassSerializer:
    """Describe answers of this kind in the interface's own description."""
    return DataclassSerializer(dataclass=dataclass, many=many)


def shown(value: Any, *, status: int = 200) -> Response:
    """Answer with a plain value: a dataclass."""
    return Response(DataclassSerializer(value, dataclass=type(value)).data, status=status)


def shown_all(values: Sequence[Any], dataclass: type) -> Response:
    """Answer with several plain values of one kind."""
    return Response(DataclassSerializer(values, dataclass=dataclass, many=True).data)
