"""What a leader earns: sums by state, every line, statements to confirm or dispute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from groupleader import selectors
from groupleader.models import CommissionAccrual, SettlementStatement
from groupleader.rest_api.access import LeaderView
from groupleader.selectors import StateSum
from groupleader.services.statements import confirm_statement, dispute_statement
from mall.rest_api.answering import checked, shape, shown, shown_all
from mall.rest_api.paging import PAGE, page_of, paged
from mall.rest_api.rows import Rows
from mall.rest_api.schema import KEY, REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualShown:
    """One line's commission and how it came about; fen."""

    order_no: str
    title: str
    quantity: int
    base_minor: int
    rate: Decimal | None
    fixed_minor: int | None
    amount_minor: int
    status: str
    accrued_at: datetime
    free_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementShown:
    """A statement of hers; fen."""

    statement_no: str
    status: str
    gross_minor: int | None
    tax_minor: int | None
    deductions_minor: int | None
    net_minor: int | None


class StatusInput(serializers.Serializer):
    """Which lines."""

    status = serializers.ChoiceField(
        choices=CommissionAccrual.Status.choices, required=False, default=""
    )


class ReasonInput(serializers.Serializer):
    """What is wrong."""

    reason = serializers.CharField(max_length=500)


class SumsView(LeaderView):
    """Her earnings."""

    @extend_schema(responses={200: shape(StateSum, many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return how much is estimated, held, free, in a statement and paid."""
        return shown_all(selectors.sums_by_state(self.leader(request)), StateSum)


class AccrualsView(LeaderView):
    """Line by line."""

    @extend_schema(
        parameters=[StatusInput, PAGE], responses={200: page_of(AccrualShown), **REFUSALS}
    )
    def get(self, request: Request) -> Response:
        """Return her commission line by line, newest first."""
        wish = checked(StatusInput, request.query_params)
        rows = selectors.accruals_of(self.leader(request), status=wish["status"])
        return paged(request, Rows(rows, _accrual), AccrualShown)


class StatementsView(LeaderView):
    """Her statements."""

    @extend_schema(
        operation_id="leader_statements_list",
        parameters=[PAGE],
        responses={200: page_of(StatementShown), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return her statements, newest first."""
        rows = selectors.statements_of(self.leader(request))
        return paged(request, Rows(rows, _statement), StatementShown)


class StatementView(LeaderView):
    """One statement."""

    @extend_schema(responses={200: shape(StatementShown), **REFUSALS})
    def get(self, request: Request, statement_no: str) -> Response:
        """Return one of her statements."""
        return shown(_statement(self.found(request, statement_no)))

    def found(self, request: Request, statement_no: str) -> SettlementStatement:
        """Return one of hers; 404 for anybody else's."""
        rows = selectors.statements_of(self.leader(request))
        statement = rows.filter(statement_no=statement_no).first()
        if statement is None:
            raise Http404
        return statement


class ConfirmView(StatementView):
    """Agreeing."""

    http_method_names = ("post", "options")

    @extend_schema(
        parameters=[KEY], request=None, responses={200: shape(StatementShown), **REFUSALS}
    )
    def post(self, request: Request, statement_no: str) -> Response:
        """Agree with a statement."""
        confirm_statement(statement=self.found(request, statement_no), by=request.user)
        return shown(_statement(self.found(request, statement_no)))


class DisputeView(StatementView):
    """Disagreeing."""

    http_method_names = ("post", "options")

    @extend_schema(
        parameters=[KEY], request=ReasonInput, responses={200: shape(StatementShown), **REFUSALS}
    )
    def post(self, request: Request, statement_no: str) -> Response:
        """Say what is wrong with a statement."""
        wish = checked(ReasonInput, request.data)
        found = self.found(request, statement_no)
        dispute_statement(statement=found, reason=wish["reason"], by=request.user)
        return shown(_statement(self.found(request, statement_no)))


def _accrual(accrual: CommissionAccrual) -> AccrualShown:
    terms = accrual.terms
    return AccrualShown(
        order_no=terms.order_no,
        title=terms.title,
        quantity=terms.quantity,
        base_minor=terms.base_minor,
        rate=terms.rate,
        fixed_minor=terms.fixed_minor,
        amount_minor=accrual.amount_minor,
        status=accrual.status,
        accrued_at=accrual.accrued_at,
        free_at=accrual.free_at,
    )


def _statement(statement: SettlementStatement) -> StatementShown:
    names = StatementShown.__dataclass_fields__.keys()
    return StatementShown(**{name: getattr(statement, name) for name in names})
