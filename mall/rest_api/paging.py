"""Long lists in pieces: so many from here on, and whether there are more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_dataclasses.serializers import DataclassSerializer


class Paging(LimitOffsetPagination):
    """limit (at most 100, else 20) and offset; answers count, next, previous, results."""

    default_limit = 20
    max_limit = 100

    def get_offset(self, request: object) -> int:
        """Return where to begin; beyond a million nobody reads, and no database is asked."""
        return min(super().get_offset(request), 1_000_000)


def paged(request: Request, rows: Sequence[Any], dataclass: type) -> Response:
    """Answer with the part of a list that was asked for; only that part is read."""
    paging = Paging()
    page = paging.paginate_queryset(rows, request)
    return paging.get_paginated_response(
        DataclassSerializer(page, dataclass=dataclass, many=True).data
    )


def page_of(dataclass: type) -> serializers.Serializer:
    """Describe a page of such rows in the interface's own description."""
    return inline_serializer(
        name=f"PageOf{dataclass.__name__}",
        fields={
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": DataclassSerializer(dataclass=dataclass, many=True),
        },
    )


PAGE = inline_serializer(
    name="Paging",
    fields={
        "limit": serializers.IntegerField(min_value=1, max_value=100, required=False),
        "offset": serializers.IntegerField(min_value=0, required=False),
    },
)
