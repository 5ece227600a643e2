"""A resident's case in words, and what she can say about each line of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from mall.aftersales.deciding import may_appeal
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.selectors import cases_by_line
from mall.aftersales.windows import window_of
from mall.aftersales.words import (
    asked_text,
    day_and_time,
    next_title,
    status_text,
    tone_of,
    yuan,
)
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.storefront.shelf import picture_url

CaseStatus = AfterSalesCase.Status
_GOODS_CAME = (Status.ARRIVED, Status.COLLECTED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """A case as her list and its page show it; fen."""

    case_no: str
    order_no: str
    title: str
    picture: str
    reason: str
    text: str
    status_text: str
    tone: str
    state_line: str
    asked_text: str
    asked_minor: int
    given_minor: int
    opened_at: datetime
    is_open: bool
    is_offered: bool
    can_appeal: bool
    offer_text: str
    until: datetime | None
    url: str
    order_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A line on its order's page: what can be said about it now, or what became of it."""

    title: str
    text: str
    url: str = ""
    action: str = ""
    tone: str = ""


def case_shown(case: AfterSalesCase) -> CaseShown:
    """Describe a case that came with its order, line, product and reason; no query."""
    return CaseShown(
        case_no=case.case_no,
        order_no=case.order.order_no,
        title=title_of(case.line.product),
        picture=picture_url(product_picture(case.line.product, 240)),
        reason=str(case.reason),
        text=case.text,
        status_text=status_text(case, reader=Role.RESIDENT),
        tone=tone_of(case),
        state_line=_state_line(case),
        asked_text=asked_text(case.asked_quantity),
        asked_minor=case.asked_minor,
        given_minor=case.given_minor,
        opened_at=case.opened_at,
        is_open=case.is_open,
        is_offered=case.is_offered,
        can_appeal=may_appeal(case),
        offer_text=case.decision_text if case.is_offered else "",
        until=case.due_at,
        url=reverse("storefront:case", args=[case.case_no]),
        order_url=reverse("storefront:order", args=[case.order.order_no]),
    )


def wrongs_of(order: OrderFulfilment, lines: list[LineFulfilment]) -> list[Wrong]:
    """Return for each line what can be said about it; nothing before the goods are there."""
    if order.status not in _GOODS_CAME:
        return []
    cases = cases_by_line(order.pk)
    return [_wrong(order, line, cases.get(line.pk)) for line in lines]


def _wrong(order: OrderFulfilment, line: LineFulfilment, case: AfterSalesCase | None) -> Wrong:
    title = title_of(line.product)
    window = window_of(order, line)
    if case is not None and (case.status != CaseStatus.CANCELLED or not window.is_open):
        return Wrong(
            title=title,
            text=status_text(case, reader=Role.RESIDENT),
            url=reverse("storefront:case", args=[case.case_no]),
            action=_("Look"),
            tone=tone_of(case),
        )
    if not window.is_open:
        return Wrong(title=title, text=window.why_not)
    text = _("at the pickup point, or after you took it home")
    if window.until is not None:
        text = _("until %(at)s") % {"at": day_and_time(window.until)}
    url = reverse("storefront:case-ask", args=[order.order_no, line.pk])
    return Wrong(title=title, text=text, url=url, action=_("Something wrong?"))


def _state_line(case: AfterSalesCase) -> str:  # noqa: PLR0911 - a sentence per state
    """Say in one sentence where the case stands and what comes next."""
    given = {"given": yuan(case.given_minor), "asked": yuan(case.asked_minor)}
    if case.is_offered:
        return _("Instead of %(asked)s you are offered %(given)s.") % given
    if case.status == CaseStatus.REQUESTED:
        return next_title(case, reader=Role.RESIDENT)
    if case.status == CaseStatus.APPROVED:
        return _("%(given)s is approved. A second person at the mall checks it.") % given
    if case.status == CaseStatus.REJECTED:
        return case.decision_text
    if case.status == CaseStatus.REFUNDED:
        return _("%(given)s went back the way you paid.") % given
    if case.status == CaseStatus.CANCELLED:
        return _("This case is over. Nothing more happens.")
    if case.refund_failed_at:
        return _("The bank could not pay %(given)s back. The mall settles it by hand.") % given
    return _("%(given)s is on its way back the way you paid.") % given
