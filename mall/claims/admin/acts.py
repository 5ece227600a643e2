"""What a button on a claim's page does; each returns the sentence that says it is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from mall.claims.admin.reading import may
from mall.claims.errors import ReceiptDoesNotFitError
from mall.claims.models import LineDispute, SubsidyClaim
from mall.claims.services.disputing import dispute_line, settle_dispute
from mall.claims.services.drafting import draft_claim
from mall.claims.services.issuing import check_claim, close_claim, issue_claim, send_claim
from mall.claims.services.receiving import match_bank_line, propose_receipt
from payments.api import Money, business_date

Act = Callable[[HttpRequest, SubsidyClaim], str]
# More fen than any receipt has.
_MINOR_MAX: Final = 10**15


def act(request: HttpRequest, claim: SubsidyClaim, what: str) -> str:
    """Do what a button says. PermissionDenied, and what the services refuse."""
    permission, do = ACTS.get(what, ("", None))
    if do is None or not may(request, permission):
        raise PermissionDenied
    return do(request, claim)


def _by(request: HttpRequest) -> str:
    return str(request.user.get_username())


def _said(request: HttpRequest, name: str, *, most: int = 300) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def _redraft(request: HttpRequest, claim: SubsidyClaim) -> str:
    draft_claim(giver=claim.giver, campaign=claim.campaign, month=claim.month, by=_by(request))
    return _("The draft is what the books say now.")


def _check(request: HttpRequest, claim: SubsidyClaim) -> str:
    check_claim(claim, by=_by(request))
    return _("Checked. A second person can issue it now.")


def _issue(request: HttpRequest, claim: SubsidyClaim) -> str:
    issued = issue_claim(claim, by=_by(request))
    return _("Issued as %(number)s. It never changes from now on.") % {"number": issued.claim_no}


def _send(request: HttpRequest, claim: SubsidyClaim) -> str:
    send_claim(claim, by=_by(request), note=_said(request, "note"))
    return _("Noted that it was sent.")


def _close(request: HttpRequest, claim: SubsidyClaim) -> str:
    close_claim(claim, by=_by(request))
    return _("Closed.")


def _dispute(request: HttpRequest, claim: SubsidyClaim) -> str:
    number = _said(request, "line", most=9)
    line = get_object_or_404(claim.lines, number=int(number) if number.isdecimal() else 0)
    dispute_line(line, reason=_said(request, "reason"), by=_by(request))
    return _("Line %(line)s is disputed.") % {"line": line.number}


def _settle(request: HttpRequest, claim: SubsidyClaim) -> str:
    key = _said(request, "dispute", most=18)
    dispute = get_object_or_404(
        LineDispute.objects.select_related("line"),
        claim=claim,
        pk=int(key) if key.isdecimal() else 0,
    )
    settle_dispute(
        dispute,
        to=_said(request, "to"),
        by=_by(request),
        settlement=_said(request, "settlement"),
    )
    return _("The disputed line is settled.")


def _receive(request: HttpRequest, claim: SubsidyClaim) -> str:
    minor = _minor(_said(request, "amount", most=20))
    receipt = propose_receipt(
        giver=claim.giver,
        campaign=claim.campaign,
        receipt_no=_said(request, "receipt_no", most=64),
        day=_day(_said(request, "day")),
        minor=minor,
        by=_by(request),
        wish=_wish(request, claim, minor),
        reason=_said(request, "reason", most=200),
    )
    return _("%(receipt)s is entered. It is booked when a second person confirms it.") % {
        "receipt": receipt.receipt_no
    }


def _match(request: HttpRequest, claim: SubsidyClaim) -> str:
    key, minor = _said(request, "bank_line", most=18), _said(request, "minor", most=18)
    receipt = match_bank_line(
        int(key) if key.isdecimal() else 0,
        giver=claim.giver,
        campaign=claim.campaign,
        by=_by(request),
        wish=_wish(request, claim, int(minor) if minor.isdecimal() else 0),
    )
    return _("%(receipt)s is booked.") % {"receipt": receipt.receipt_no}


def _wish(request: HttpRequest, claim: SubsidyClaim, minor: int) -> list[tuple[int, int]]:
    """Return what pays this claim alone; nothing said means all the giver's open claims."""
    if _said(request, "pays") == "all":
        return []
    due = claim.due_minor
    part = min(minor, due) if due > 0 else max(minor, due)
    return [(claim.pk, part)] if part else []


def _minor(text: str) -> int:
    try:
        minor = Money.from_major(Decimal(text.replace(",", ""))).minor
    except (ArithmeticError, ValueError):
        minor = _MINOR_MAX
    if abs(minor) >= _MINOR_MAX:
        raise ReceiptDoesNotFitError(amount=text)
    return minor


def _day(text: str) -> date:
    try:
        return parse_date(text) or business_date()
    except ValueError:
        return business_date()


ACTS: Final[dict[str, tuple[str, Any]]] = {
    "redraft": ("claims.change_subsidyclaim", _redraft),
    "check": ("claims.change_subsidyclaim", _check),
    "issue": ("claims.issue_subsidyclaim", _issue),
    "send": ("claims.change_subsidyclaim", _send),
    "close": ("claims.change_subsidyclaim", _close),
    "dispute": ("claims.change_subsidyclaim", _dispute),
    "settle": ("claims.issue_subsidyclaim", _settle),
    "receive": ("claims.add_subsidyreceipt", _receive),
    "match": ("claims.add_subsidyreceipt", _match),
}
