"""After-sales cases of a leader's neighbours: look, give, offer, say no, pass on."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader.rest_api.access import LeaderView
from mall.api import (
    LeaderCase,
    LeaderCasePage,
    approve_case,
    leader_case,
    leader_cases,
    offer_on_case,
    pass_case_on,
    reject_case,
    write_on_case,
)
from mall.rest_api.answering import checked, shape, shown
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.schema import KEY, REFUSALS

_PIECES_MOST = 9999
_HIGHEST = 10**12


class ShowInput(serializers.Serializer):
    """Hers to decide, others', or decided ones."""

    show = serializers.ChoiceField(
        choices=("", "others", "done"), required=False, default="", allow_blank=True
    )


class GiveInput(serializers.Serializer):
    """Pieces or fen; neither is everything that was asked."""

    quantity = serializers.IntegerField(
        min_value=0, max_value=_PIECES_MOST, required=False, default=0
    )
    payer_minor = serializers.IntegerField(
        min_value=0, max_value=_HIGHEST, required=False, default=0
    )
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class OfferInput(serializers.Serializer):
    """Pieces or fen instead of what was asked, and why."""

    quantity = serializers.IntegerField(
        min_value=0, max_value=_PIECES_MOST, required=False, default=0
    )
    payer_minor = serializers.IntegerField(
        min_value=0, max_value=_HIGHEST, required=False, default=0
    )
    text = serializers.CharField(max_length=300)


class WordsInput(serializers.Serializer):
    """Words."""

    text = serializers.CharField(max_length=300)


class CaseNoteInput(serializers.Serializer):
    """Words, or none."""

    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class CasesView(LeaderView):
    """Her neighbours' cases."""

    @extend_schema(
        operation_id="leader_cases_list",
        parameters=[ShowInput, PAGE],
        responses={200: page_of(LeaderCase), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the cases of her groups' orders, the most urgent first."""
        wish = checked(ShowInput, request.query_params)
        return paged(request, leader_cases(request.user.pk, show=wish["show"]), LeaderCase)


class CaseView(LeaderView):
    """One case."""

    @extend_schema(responses={200: shape(LeaderCasePage), **REFUSALS})
    def get(self, request: Request, case_no: str) -> Response:
        """Return a case with its story and what each decision costs whom."""
        return _answer(request, case_no)


class ApproveView(LeaderView):
    """Giving."""

    @extend_schema(
        parameters=[KEY], request=GiveInput, responses={200: shape(LeaderCasePage), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Give what was asked, or the pieces or fen named, within her limit."""
        wish = _wish(request, case_no, GiveInput)
        approve_case(case_no=case_no, leader=request.user, **wish)
        return _answer(request, case_no)


class OfferView(LeaderView):
    """Offering something else."""

    @extend_schema(
        parameters=[KEY], request=OfferInput, responses={200: shape(LeaderCasePage), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Offer pieces or fen instead; the resident says yes or no."""
        wish = _wish(request, case_no, OfferInput)
        offer_on_case(case_no=case_no, leader=request.user, **wish)
        return _answer(request, case_no)


class RejectView(LeaderView):
    """Saying no."""

    @extend_schema(
        parameters=[KEY], request=WordsInput, responses={200: shape(LeaderCasePage), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Say no, in words; the resident may appeal once."""
        wish = _wish(request, case_no, WordsInput)
        reject_case(case_no=case_no, leader=request.user, **wish)
        return _answer(request, case_no)


class PassOnView(LeaderView):
    """Leaving it to the mall."""

    @extend_schema(
        parameters=[KEY], request=CaseNoteInput, responses={200: shape(LeaderCasePage), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Let the mall decide."""
        wish = _wish(request, case_no, CaseNoteInput)
        pass_case_on(case_no=case_no, leader=request.user, **wish)
        return _answer(request, case_no)


class WriteView(LeaderView):
    """Writing."""

    @extend_schema(
        parameters=[KEY], request=WordsInput, responses={200: shape(LeaderCasePage), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Write to the resident and the mall."""
        wish = _wish(request, case_no, WordsInput)
        key = request.headers.get("Idempotency-Key", "")[:64]
        write_on_case(case_no=case_no, leader=request.user, text=wish["text"], key=key)
        return _answer(request, case_no)


def _wish(request: Request, case_no: str, form: type[serializers.Serializer]) -> dict[str, Any]:
    """Return what was sent about a case of hers; another leader's case is not there."""
    leader_case(case_no, leader=request.user)
    return checked(form, request.data)


def _answer(request: Request, case_no: str) -> Response:
    return shown(leader_case(case_no, leader=request.user))
