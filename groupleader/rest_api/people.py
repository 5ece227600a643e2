"""A leader's residents with her own notes and tags, and her word to a whole group."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader import residents
from groupleader.broadcasts import BroadcastShown, broadcasts_of_group, with_figures
from groupleader.models.people import BROADCAST_MAX, NOTE_MAX
from groupleader.residents import Note, Resident
from groupleader.rest_api.access import LeaderView
from groupleader.services.broadcasts import Preview, preview_of, send_to_group
from groupleader.services.neighbours import add_note, change_note, delete_note, set_tags
from mall.api import (
    AUDIENCES,
    RESIDENT_FILTERS,
    LeaderCase,
    OrderRow,
    WaitingBag,
    group_of_leader,
    orders_of_leader,
)
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.schema import KEY, REFUSALS

_TAGS_SENT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentShown:
    """One resident: what she did in the leader's groups, and what the leader noted."""

    resident: Resident
    notes: list[Note]
    cases: list[LeaderCase]
    bags: list[WaitingBag]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsShown:
    """A resident's tags, or all tags a leader uses."""

    tags: list[str]


class ResidentsInput(serializers.Serializer):
    """Last four digits, a name or its first letters; a filter; a tag."""

    q = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    show = serializers.ChoiceField(
        [each for each in RESIDENT_FILTERS if each], required=False, default="", allow_blank=True
    )
    tag = serializers.CharField(max_length=12, required=False, default="", allow_blank=True)


class NoteInput(serializers.Serializer):
    """What a note says; only its leader reads it."""

    text = serializers.CharField(max_length=NOTE_MAX)


class TagsInput(serializers.Serializer):
    """All tags a resident is to have."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=40, allow_blank=True), max_length=_TAGS_SENT_MOST
    )


class WordInput(serializers.Serializer):
    """What is said, and to whom of the group."""

    text = serializers.CharField(max_length=BROADCAST_MAX)
    whom = serializers.ChoiceField(AUDIENCES)


class ResidentsView(LeaderView):
    """Her residents."""

    @extend_schema(
        parameters=[ResidentsInput, PAGE], responses={200: page_of(Resident), **REFUSALS}
    )
    def get(self, request: Request) -> Response:
        """Return who ordered in her groups, the latest first; names masked."""
        wish = checked(ResidentsInput, request.query_params)
        rows = residents.residents(
            self.leader(request), query=wish["q"], show=wish["show"], tag=wish["tag"]
        )
        return paged(request, rows, Resident)


class ResidentView(LeaderView):
    """One of her residents."""

    @extend_schema(responses={200: shape(ResidentShown), **REFUSALS})
    def get(self, request: Request, resident_id: int) -> Response:
        """Return a resident with the leader's notes, cases and bags that wait beyond their time."""
        page = residents.resident_page(self.leader(request), resident_id)
        found = ResidentShown(
            resident=page.resident,
            notes=list(page.notes),
            cases=list(page.cases),
            bags=list(page.bags),
        )
        return shown(found)


class ResidentOrdersView(LeaderView):
    """What a resident ordered."""

    @extend_schema(parameters=[PAGE], responses={200: page_of(OrderRow), **REFUSALS})
    def get(self, request: Request, resident_id: int) -> Response:
        """Return a resident's orders in the leader's groups, newest first."""
        residents.resident(self.leader(request), resident_id)
        rows = orders_of_leader(request.user.pk, resident_id=resident_id)
        return paged(request, rows, OrderRow)


class NotesView(LeaderView):
    """Notes about a resident."""

    @extend_schema(parameters=[KEY], request=NoteInput, responses={201: shape(Note), **REFUSALS})
    def post(self, request: Request, resident_id: int) -> Response:
        """Write a note down."""
        wish = checked(NoteInput, request.data)
        note = add_note(leader=self.leader(request), resident_id=resident_id, text=wish["text"])
        return shown(residents.note_shown(note), status=201)


class NoteView(LeaderView):
    """One of her notes."""

    @extend_schema(request=NoteInput, responses={200: shape(Note), **REFUSALS})
    def put(self, request: Request, note_id: int) -> Response:
        """Say a note differently."""
        wish = checked(NoteInput, request.data)
        note = change_note(leader=self.leader(request), note_id=note_id, text=wish["text"])
        return shown(residents.note_shown(note))

    @extend_schema(responses={204: OpenApiResponse(), **REFUSALS})
    def delete(self, request: Request, note_id: int) -> Response:
        """Delete a note."""
        delete_note(leader=self.leader(request), note_id=note_id)
        return Response(status=204)


class ResidentTagsView(LeaderView):
    """A resident's tags."""

    @extend_schema(request=TagsInput, responses={200: shape(TagsShown), **REFUSALS})
    def put(self, request: Request, resident_id: int) -> Response:
        """Let a resident have exactly these tags."""
        wish = checked(TagsInput, request.data)
        tags = set_tags(leader=self.leader(request), resident_id=resident_id, names=wish["tags"])
        return shown(TagsShown(tags=list(tags)))


class TagsView(LeaderView):
    """Tags a leader uses."""

    @extend_schema(responses={200: shape(TagsShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return the tags she uses, the most used first."""
        return shown(TagsShown(tags=residents.tags_of(self.leader(request))))


class BroadcastsView(LeaderView):
    """Her words to a group."""

    @extend_schema(responses={200: shape(BroadcastShown, many=True), **REFUSALS})
    def get(self, request: Request, group_id: int) -> Response:
        """Return what she told a group, newest first, and how many were told and have read it."""
        group_of_leader(request.user.pk, group_id)
        return shown_all(broadcasts_of_group(self.leader(request), group_id), BroadcastShown)

    @extend_schema(
        parameters=[KEY], request=WordInput, responses={201: shape(BroadcastShown), **REFUSALS}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Tell a group something; a job tells its residents one after the other."""
        wish = checked(WordInput, request.data)
        sent = send_to_group(
            leader=self.leader(request),
            group_id=group_id,
            whom=wish["whom"],
            text=wish["text"],
            idem_key=request.headers.get("Idempotency-Key", ""),
        )
        return shown(with_figures([sent])[0], status=201)


class BroadcastPreviewView(LeaderView):
    """A word before it is sent."""

    @extend_schema(parameters=[KEY], request=WordInput, responses={200: shape(Preview), **REFUSALS})
    def post(self, request: Request, group_id: int) -> Response:
        """Say how many it would reach; nothing is sent."""
        wish = checked(WordInput, request.data)
        found = preview_of(
            leader=self.leader(request), group_id=group_id, whom=wish["whom"], text=wish["text"]
        )
        return shown(found)
