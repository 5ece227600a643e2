"""After-sales cases for an app: asking, photos, writing, answering an offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.aftersales.asking import Complaint, add_photos, open_case, withdraw
from mall.aftersales.deciding import accept_offer, appeal, decline_offer
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.selectors import case_of_resident, cases_of_resident
from mall.aftersales.talking import write
from mall.aftersales.windows import reasons_for
from mall.aftersales.worth import Claimed
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.orders import own_order
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.rows import Rows
from mall.rest_api.schema import KEY, REFUSALS

_HIGHEST = 10**12
_PIECES_MOST = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """A case of hers; fen."""

    case_no: str
    order_no: str
    line_id: int
    title: str
    reason: str
    text: str
    status: str
    turn: str
    asked_quantity: int
    asked_minor: int
    given_minor: int
    decision_text: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonShown:
    """A reason that may be given for a line now."""

    reason_id: int
    line_id: int
    name: str
    kind: str
    needs_photo: bool


class CaseInput(serializers.Serializer):
    """What is wrong with a line, and what she asks for: pieces, or fen off those she keeps."""

    order_no = serializers.CharField(max_length=20)
    line_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    reason_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    quantity = serializers.IntegerField(min_value=0, max_value=_PIECES_MOST, default=0)
    payer_minor = serializers.IntegerField(min_value=0, max_value=_HIGHEST, default=0)
    text = serializers.CharField(max_length=500, default="", allow_blank=True)


class TextInput(serializers.Serializer):
    """Words."""

    text = serializers.CharField(max_length=500)


class PhotosInput(serializers.Serializer):
    """Pictures: JPEG, PNG or WebP, each at most 5 MB."""

    photos = serializers.ListField(child=serializers.FileField(), max_length=6, min_length=1)


class CasesView(APIView):
    """Her cases."""

    @extend_schema(
        operation_id="cases_list",
        parameters=[PAGE],
        responses={200: page_of(CaseShown), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return her cases, those that wait for her first."""
        return paged(request, Rows(cases_of_resident(request.user.pk), _case), CaseShown)

    @extend_schema(
        parameters=[KEY], request=CaseInput, responses={201: shape(CaseShown), **REFUSALS}
    )
    def post(self, request: Request) -> Response:
        """Open a case about a line; a reason that needs a photo is asked for on the web page."""
        wish = checked(CaseInput, request.data)
        own_order(request.user, wish["order_no"])
        case = open_case(
            order_no=wish["order_no"],
            resident_id=request.user.pk,
            complaint=Complaint(
                line_id=wish["line_id"],
                reason_id=wish["reason_id"],
                claimed=Claimed(quantity=wish["quantity"], payer_minor=wish["payer_minor"]),
                text=wish["text"],
            ),
            by=request.user,
            idem_key=request.headers.get("Idempotency-Key", "")[:64],
        )
        return _answer(request, case.case_no, status=201)


class ReasonsView(APIView):
    """What may be said about the lines of an order."""

    @extend_schema(responses={200: shape(ReasonShown, many=True), **REFUSALS})
    def get(self, request: Request, order_no: str) -> Response:
        """Return the reasons that may be given for each line now; none where time is over."""
        order = own_order(request.user, order_no)
        found = [
            ReasonShown(
                reason_id=reason.pk,
                line_id=line.pk,
                name=str(reason),
                kind=reason.kind,
                needs_photo=reason.needs_photo,
            )
            for line in order.lines.all()
            for reason in reasons_for(order, line)
        ]
        return shown_all(found, ReasonShown)


class CaseView(APIView):
    """One case."""

    @extend_schema(responses={200: shape(CaseShown), **REFUSALS})
    def get(self, request: Request, case_no: str) -> Response:
        """Return one of her cases."""
        return _answer(request, case_no)


class PhotosView(APIView):
    """Photos of a case."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        parameters=[KEY],
        request={"multipart/form-data": PhotosInput},
        responses={200: shape(CaseShown), **REFUSALS},
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Add photos to an open case."""
        wish = checked(PhotosInput, request.data)
        case_of_resident(case_no, resident_id=request.user.pk)
        add_photos(case_no=case_no, files=wish["photos"], by=request.user)
        return _answer(request, case_no)


class WriteView(APIView):
    """Writing to the leader or the mall."""

    @extend_schema(
        parameters=[KEY], request=TextInput, responses={200: shape(CaseShown), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Write a message on a case."""
        wish = checked(TextInput, request.data)
        key = request.headers.get("Idempotency-Key", "")[:64]
        write(case_no=case_no, by=request.user, role=Role.RESIDENT, text=wish["text"], key=key)
        return _answer(request, case_no)


class AppealView(APIView):
    """Asking the mall after a leader said no."""

    @extend_schema(
        parameters=[KEY], request=TextInput, responses={200: shape(CaseShown), **REFUSALS}
    )
    def post(self, request: Request, case_no: str) -> Response:
        """Appeal once to the mall."""
        wish = checked(TextInput, request.data)
        appeal(case_no=case_no, by=request.user, text=wish["text"])
        return _answer(request, case_no)


class _StepView(APIView):
    """A step that needs no words."""

    step: Callable[..., AfterSalesCase]

    @extend_schema(parameters=[KEY], request=None, responses={200: shape(CaseShown), **REFUSALS})
    def post(self, request: Request, case_no: str) -> Response:
        """Take the step."""
        type(self).step(case_no=case_no, by=request.user)
        return _answer(request, case_no)


class WithdrawView(_StepView):
    """Asking for nothing any more."""

    step = staticmethod(withdraw)


class AcceptView(_StepView):
    """Taking what is offered instead."""

    step = staticmethod(accept_offer)


class DeclineView(_StepView):
    """Not taking it: the mall decides."""

    step = staticmethod(decline_offer)


def _answer(request: Request, case_no: str, *, status: int = 200) -> Response:
    return shown(_case(case_of_resident(case_no, resident_id=request.user.pk)), status=status)


def _case(case: AfterSalesCase) -> CaseShown:
    taken = {"order_no", "title", "reason"}
    names = CaseShown.__dataclass_fields__.keys() - taken
    return CaseShown(
        **{name: getattr(case, name) for name in names},
        order_no=case.order.order_no,
        title=case.line.title,
        reason=str(case.reason),
    )
