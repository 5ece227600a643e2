"""What saves: vouchers to claim and held, points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.loyalty.selectors import HistoryRow, entries_of, in_words, wallet_of
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.rows import Rows
from mall.rest_api.schema import KEY, REFUSALS
from mall.vouchers.claiming import claim
from mall.vouchers.models import Voucher
from mall.vouchers.selectors import RoundView, WalletTab, rounds_shown, wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherShown:
    """A voucher of hers; fen."""

    voucher_no: str
    name: str
    state: str
    worth_minor: int
    threshold_minor: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundShown:
    """A round in which vouchers are claimed, as she sees it; fen."""

    round_id: int
    name: str
    state: str
    unfit: str
    opens_at: datetime
    worth_minor: int
    threshold_minor: int
    voucher_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsShown:
    """Her points and what they are worth; fen."""

    balance: int
    debt: int
    worth_minor: int
    is_open: bool
    rules: list[str]


class TabInput(serializers.Serializer):
    """Which part of the wallet."""

    tab = serializers.ChoiceField(
        choices=[tab.value for tab in WalletTab], required=False, default=WalletTab.USABLE.value
    )


class VouchersView(APIView):
    """Her vouchers."""

    @extend_schema(parameters=[TabInput, PAGE], responses={200: page_of(VoucherShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return a part of her wallet: usable, used or expired."""
        tab = WalletTab(checked(TabInput, request.query_params)["tab"])
        return paged(request, Rows(wallet(request.user.pk, tab), _voucher), VoucherShown)


class RoundsView(APIView):
    """Rounds of claiming."""

    @extend_schema(responses={200: shape(RoundShown, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return the rounds that are open, coming or just over, as she sees them."""
        return shown_all([_round(each) for each in rounds_shown(request.user.pk)], RoundShown)


class ClaimView(APIView):
    """Claiming."""

    @extend_schema(parameters=[KEY], request=None, responses={201: shape(VoucherShown), **REFUSALS})
    def post(self, request: Request, round_id: int) -> Response:
        """Claim a voucher of an open round; first come, first served."""
        click = request.headers.get("Idempotency-Key", "")[:64]
        got = claim(resident_id=request.user.pk, round_id=round_id, click=click)
        return shown(_voucher(got), status=201)


class PointsView(APIView):
    """Her points."""

    @extend_schema(responses={200: shape(PointsShown), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her balance and the rules."""
        own = wallet_of(request.user.pk)
        return shown(
            PointsShown(
                balance=own.balance,
                debt=own.debt,
                worth_minor=own.worth_minor,
                is_open=own.is_open,
                rules=list(own.rules),
            )
        )


class HistoryView(APIView):
    """How her points came and went."""

    @extend_schema(parameters=[PAGE], responses={200: page_of(HistoryRow), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return her points' history, newest first."""
        rows = Rows(entries_of(request.user.pk), lambda entry: in_words([entry])[0])
        return paged(request, rows, HistoryRow)


def _voucher(voucher: Voucher) -> VoucherShown:
    return VoucherShown(
        voucher_no=voucher.voucher_no,
        name=voucher.batch.name,
        state=voucher.state,
        worth_minor=voucher.worth_minor,
        threshold_minor=voucher.batch.threshold_minor,
        expires_at=voucher.expires_at,
    )


def _round(view: RoundView) -> RoundShown:
    return RoundShown(
        round_id=view.round.pk,
        name=view.batch.name,
        state=str(view.state),
        unfit=str(view.unfit.value),
        opens_at=view.round.opens_at,
        worth_minor=view.batch.discount_minor,
        threshold_minor=view.batch.threshold_minor,
        voucher_no=view.voucher_no,
    )
