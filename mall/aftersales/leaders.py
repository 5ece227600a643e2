"""What a leader sees of her neighbours' cases: the urgent first, names masked, who bears it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from django.conf import settings
from django.db.models import QuerySet

from mall.accounts.masking import mask_name
from mall.accounts.models import User
from mall.aftersales import allowances
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.selectors import case_of_leader, cases_of_leader
from mall.aftersales.words import (
    MessageShown,
    StoryStep,
    asked_text,
    messages_of,
    next_title,
    status_text,
    story_of,
    tone_of,
)
from mall.aftersales.worth import asked_of, left_of, worth_of
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from payments.api import LinliError, now

Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderCase:
    """A neighbour's case in a leader's list; fen."""

    case_no: str
    order_no: str
    title: str
    picture: str
    reason: str
    text: str
    masked_name: str
    phone_tail: str
    status_text: str
    tone: str
    waits_for: str
    asked_text: str
    asked_minor: int
    given_minor: int
    opened_at: datetime
    due_at: datetime | None
    is_late: bool
    is_own_turn: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderCasePage:
    """One case as the leader decides it; fen. ``within_limit``: she may give all that is asked."""

    case: LeaderCase
    photos: tuple[str, ...]
    steps: tuple[StoryStep, ...]
    messages: tuple[MessageShown, ...]
    pieces_left: int
    payer_left_minor: int
    bearer: str
    bearer_label: str
    supplier: str
    value_minor: int
    supplier_minor: int
    others_minor: int
    limit_minor: int
    left_today_minor: int
    within_limit: bool
    decision_text: str


class LeaderCases(Sequence[LeaderCase]):
    """A list of cases that reads only the page it is asked for; Django's Paginator takes it."""

    def __init__(self, cases: QuerySet[AfterSalesCase]) -> None:
        """Take the cases in the order they shall be shown."""
        self._cases = cases

    def __len__(self) -> int:
        """Count them in the database."""
        return self._cases.count()

    @overload
    def __getitem__(self, index: int) -> LeaderCase: ...

    @overload
    def __getitem__(self, index: slice) -> list[LeaderCase]: ...

    def __getitem__(self, index: int | slice) -> LeaderCase | list[LeaderCase]:
        """Read one case or one page of them: one query."""
        if isinstance(index, int):
            return self[index : index + 1][0]
        return [_row(case) for case in self._cases[index]]


def leader_cases(leader_id: int, *, show: str = "") -> LeaderCases:
    """Return the cases of a leader's orders; ``show`` is "" (hers to decide), others or done."""
    return LeaderCases(cases_of_leader(leader_id, show=show))


def cases_of_neighbour(leader_id: int, resident_id: int, *, limit: int = 20) -> list[LeaderCase]:
    """Return what one neighbour complained of in a leader's groups, the newest first: one query."""
    cases = cases_of_leader(leader_id, show=None).filter(resident=resident_id)
    return [_row(case) for case in cases.order_by("-opened_at", "-pk")[:limit]]


def leader_case(case_no: str, *, leader: User) -> LeaderCasePage:
    """Return one case of a leader's orders with what deciding it costs; CaseGoneError."""
    case = case_of_leader(case_no, leader_id=leader.pk)
    left = left_of(case.line)
    value_minor, supplier_minor = _costs(case)
    limit, left_today = (
        allowances.limit_of(allowances.What.CASES),
        allowances.left_today(leader, allowances.What.CASES),
    )
    return LeaderCasePage(
        case=_row(case),
        photos=tuple(photo.name for photo in case.photos.all()),
        steps=tuple(story_of(case, reader=Role.LEADER)),
        messages=tuple(messages_of(case, reader=Role.LEADER)),
        pieces_left=left.quantity,
        payer_left_minor=left.payer_minor,
        bearer=case.bearer,
        bearer_label=str(case.get_bearer_display()),
        supplier=case.supplier.name,
        value_minor=value_minor,
        supplier_minor=supplier_minor,
        others_minor=value_minor - supplier_minor,
        limit_minor=limit,
        left_today_minor=left_today,
        within_limit=value_minor <= min(limit, left_today),
        decision_text=case.decision_text,
    )


def _costs(case: AfterSalesCase) -> tuple[int, int]:
    """Return what giving all that is asked costs in all, and of it the supplier (fen)."""
    if not case.is_open:
        return case.value_minor, case.cost_minor
    try:
        worth = worth_of(case.order, case.line, asked_of(case), bearer=case.bearer)
    except LinliError:
        return 0, 0
    return worth.value_minor, worth.cost_minor


def _row(case: AfterSalesCase) -> LeaderCase:
    is_own_turn = case.status == Status.REQUESTED and case.turn == Turn.LEADER
    return LeaderCase(
        case_no=case.case_no,
        order_no=case.order.order_no,
        title=title_of(case.line.product),
        picture=_picture(case),
        reason=str(case.reason),
        text=case.text,
        masked_name=mask_name(case.order.receiver_name),
        phone_tail=case.order.receiver_phone[-4:],
        status_text=status_text(case, reader=Role.LEADER),
        tone=tone_of(case),
        waits_for="" if is_own_turn else next_title(case, reader=Role.LEADER),
        asked_text=asked_text(case.asked_quantity),
        asked_minor=case.asked_minor,
        given_minor=case.given_minor,
        opened_at=case.opened_at,
        due_at=case.due_at,
        is_late=is_own_turn and case.due_at is not None and case.due_at <= now(),
        is_own_turn=is_own_turn,
        is_open=case.is_open,
    )


def _picture(case: AfterSalesCase) -> str:
    picture = product_picture(case.line.product, 240)
    return picture.url if picture else ""


def hours_to_decide() -> int:
    """Return within how many hours a leader decides before the mall does."""
    return int(settings.LINLI_CASE_LEADER_HOURS)
