"""What a button on a case's page does; each returns the sentence that says it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mall.aftersales import deciding, talking
from mall.aftersales.admin.reading import fen, may, number, said, yuan
from mall.aftersales.compensating import give_goodwill
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.people import COMPENSATE, CONFIRM, DECIDE
from mall.aftersales.worth import Claimed

Act = Callable[[HttpRequest, AfterSalesCase], str]


def act(request: HttpRequest, case: AfterSalesCase, what: str) -> str:
    """Do what a button says. PermissionDenied, and what the services refuse."""
    permission, do = ACTS.get(what, ("", None))
    if do is None or not may(request, permission):
        raise PermissionDenied
    return do(request, case)


def _claimed(request: HttpRequest) -> Claimed | None:
    """Return what was typed instead of what was asked, or nothing."""
    pieces, minor = number(said(request, "quantity")), fen(said(request, "amount", most=20))
    if said(request, "how") == "asked" or not (pieces or minor):
        return None
    return Claimed(quantity=0, payer_minor=minor) if minor else Claimed(quantity=pieces)


def _approve(request: HttpRequest, case: AfterSalesCase) -> str:
    done = deciding.approve(
        case_no=case.case_no,
        by=request.user,
        role=Role.MALL,
        claimed=_claimed(request),
        bearer=said(request, "bearer"),
        note=said(request, "text"),
    )
    if done.needs_second:
        return _("Approved. A second person confirms it before %(amount)s is paid.") % {
            "amount": yuan(done.given_minor)
        }
    return _("Approved. %(amount)s is on its way back.") % {"amount": yuan(done.given_minor)}


def _offer(request: HttpRequest, case: AfterSalesCase) -> str:
    deciding.offer(
        case_no=case.case_no,
        by=request.user,
        role=Role.MALL,
        claimed=_claimed(request) or Claimed(),
        text=said(request, "text"),
    )
    return _("Offered. The resident accepts it or declines.")


def _reject(request: HttpRequest, case: AfterSalesCase) -> str:
    deciding.reject(
        case_no=case.case_no, by=request.user, role=Role.MALL, text=said(request, "text")
    )
    return _("Rejected.")


def _confirm(request: HttpRequest, case: AfterSalesCase) -> str:
    done = deciding.confirm(case_no=case.case_no, by=request.user)
    return _("Confirmed. %(amount)s is on its way back.") % {"amount": yuan(done.given_minor)}


def _send_back(request: HttpRequest, case: AfterSalesCase) -> str:
    deciding.send_back(case_no=case.case_no, by=request.user, note=said(request, "text"))
    return _("Sent back. It is decided anew.")


def _write(request: HttpRequest, case: AfterSalesCase) -> str:
    talking.write(
        case_no=case.case_no,
        by=request.user,
        role=Role.MALL,
        text=said(request, "text", most=500),
        key=said(request, "key", most=64),
    )
    return _("Sent.")


def _goodwill(request: HttpRequest, case: AfterSalesCase) -> str:
    done = give_goodwill(
        case_no=case.case_no,
        by=request.user,
        payer_minor=fen(said(request, "amount", most=20)),
        reason=said(request, "text", most=200),
        key=said(request, "key", most=64),
    )
    return _("%(amount)s is on its way to the resident.") % {"amount": yuan(done.minor)}


ACTS: Final[dict[str, tuple[str, Act]]] = {
    "approve": (DECIDE, _approve),
    "offer": (DECIDE, _offer),
    "reject": (DECIDE, _reject),
    "confirm": (CONFIRM, _confirm),
    "send_back": (CONFIRM, _send_back),
    "write": ("aftersales.view_aftersalescase", _write),
    "goodwill": (COMPENSATE, _goodwill),
}
