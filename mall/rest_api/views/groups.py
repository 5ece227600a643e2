"""A group as an app shows it: its goods, its progress, its chain."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.groupbuy.cards import CategoryTab, EntryRow
from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.selectors import entries_page, group_by_code, group_page
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.schema import REFUSALS
from mall.rest_api.shapes import GroupHead, ItemShown, group_head, item_shown


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShown:
    """A group with its goods, their categories and the newest of its chain."""

    group: GroupHead
    items: list[ItemShown]
    categories: list[CategoryTab]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesShown:
    """Twenty lines of the chain, newest first, and where older ones begin."""

    entries: list[EntryRow]
    before: int | None


class BeforeInput(serializers.Serializer):
    """Where the next page of the chain begins."""

    before = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class GroupView(APIView):
    """What everybody may see of a group."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: shape(GroupShown), **REFUSALS})
    def get(self, _request: Request, share_code: str) -> Response:
        """Return a group with everything it offers."""
        try:
            page = group_page(share_code)
        except LeaderGroup.DoesNotExist as error:
            raise Http404 from error
        whole = GroupShown(
            group=group_head(page.group),
            items=[item_shown(item) for item in page.items],
            categories=list(page.categories),
        )
        return shown(whole)


class EntriesView(APIView):
    """The public sign-up chain."""

    permission_classes = (AllowAny,)

    @extend_schema(
        parameters=[BeforeInput],
        responses={200: shape(EntriesShown), **REFUSALS},
    )
    def get(self, request: Request, share_code: str) -> Response:
        """Return the chain, newest first, twenty at a time."""
        wish = checked(BeforeInput, request.query_params)
        group = group_of(share_code)
        rows, before = entries_page(group.pk, before=wish.get("before"))
        return shown(EntriesShown(entries=list(rows), before=before))


def group_of(share_code: str) -> LeaderGroup:
    """Return a group by its code; 404 for drafts and typos."""
    try:
        return group_by_code(share_code)
    except LeaderGroup.DoesNotExist as error:
        raise Http404 from error
