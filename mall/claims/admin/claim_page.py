"""One claim as finance reads it: sums beside the books, lines, what came, what is disputed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from mall.claims.admin.reading import COLOURS, may, yuan
from mall.claims.models import ClaimLine, LineDispute, SubsidyClaim
from mall.claims.months import last_of
from mall.claims.names import giver_name
from mall.claims.papers.heading import note_of
from mall.claims.services.drafting import claims_again_what_waits, month_in_books
from payments.api import BankLineView, free_bank_lines, last_sealed_day, local

_LINES_A_PAGE: Final = 50
_BANK_LINES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A figure of the claim, and whether it is the one that counts."""

    word: str
    shown: str
    is_strong: bool = False


def claim_context(request: HttpRequest, claim: SubsidyClaim) -> dict[str, Any]:
    """Return what the page of a claim shows, and what this person may do there."""
    books, _legs = month_in_books(claim)
    is_draft = claim.status == SubsidyClaim.Status.DRAFT
    by = request.user.get_username()
    may_change = may(request, "claims.change_subsidyclaim")
    is_open = claim.status in SubsidyClaim.OPEN
    return {
        "claim": claim,
        "colour": COLOURS[claim.status],
        "giver": giver_name(claim.giver),
        "until": last_of(claim.month),
        "sums": _sums(claim),
        "own": yuan(claim.amount_minor - claim.again_minor),
        "books": yuan(books),
        "is_equal": claim.is_equal
        and books == claim.ledger_minor
        and (not is_draft or claims_again_what_waits(claim)),
        "differences": [_difference(found) for found in claim.differences],
        "is_draft": is_draft,
        "is_closed_month": _is_closed(claim.month),
        "may_change": may_change,
        "may_issue": is_draft
        and may(request, "claims.issue_subsidyclaim")
        and claim.prepared_by not in {"", by},
        "is_own_check": is_draft and claim.prepared_by == by,
        "may_send": may_change and claim.status == SubsidyClaim.Status.ISSUED,
        "may_close": may_change and claim.status == SubsidyClaim.Status.PAID,
        "may_receive": is_open and may(request, "claims.add_subsidyreceipt"),
        "may_dispute": is_open and may_change,
        "may_settle": may(request, "claims.issue_subsidyclaim"),
        "page": _lines(request, claim),
        "kinds": ClaimLine.Kind.choices,
        "asked": {"q": request.GET.get("q", ""), "kind": request.GET.get("kind", "")},
        "parts": _parts(claim),
        "disputes": _disputes(claim),
        "bank_lines": _bank_lines(claim) if is_open and may_change else [],
        "events": [
            {
                "at": local(event.at),
                "what": _what(event.what),
                "by": event.by,
                "note": event.note,
            }
            for event in claim.events.all()
        ],
    }


def _is_closed(month: date) -> bool:
    sealed = last_sealed_day()
    return sealed is not None and sealed >= last_of(month)


def _sums(claim: SubsidyClaim) -> list[Sum]:
    sums = [
        Sum(word=gettext("Discounts given"), shown=yuan(claim.given_minor)),
        Sum(word=gettext("Given back by refunds"), shown=yuan(-claim.returned_minor)),
    ]
    if claim.again_minor:
        word = gettext("Disputed before, claimed again")
        sums.append(Sum(word=word, shown=yuan(claim.again_minor)))
    sums.append(
        Sum(word=gettext("Amount of this claim"), shown=yuan(claim.amount_minor), is_strong=True)
    )
    if claim.status != SubsidyClaim.Status.DRAFT:
        sums += [
            Sum(word=pgettext("money", "Received"), shown=yuan(claim.received_minor)),
            Sum(word=gettext("Disputed"), shown=yuan(claim.disputed_minor)),
            Sum(word=gettext("Still due"), shown=yuan(claim.due_minor), is_strong=True),
        ]
    return sums


def _difference(found: dict[str, Any]) -> dict[str, str]:
    papers = found["papers"]
    number = found["ref"].split(":")[1] if ":" in found["ref"] else found["ref"]
    return {
        "ref": found["ref"],
        "books": yuan(found["books"]),
        "papers": gettext("no paper explains it") if papers is None else yuan(papers),
        "url": reverse("admin:payments_money", args=[number]),
    }


def _lines(request: HttpRequest, claim: SubsidyClaim) -> Any:
    rows = _asked(claim.lines.select_related("dispute").order_by("number"), request)
    page = Paginator(rows, _LINES_A_PAGE).get_page(request.GET.get("p"))
    back = _given_back_later(claim, [line.subject_no for line in page.object_list])
    for line in page.object_list:
        line.shown = {
            "goods": yuan(line.goods_minor) if line.goods_minor else "–",
            "discount": yuan(line.discount_minor) if line.discount_minor else "–",
            "returned": yuan(-line.returned_minor) if line.returned_minor else "–",
            "later": yuan(-back[line.subject_no]) if back.get(line.subject_no) else "",
            "net": yuan(line.net_minor),
            "note": note_of(line),
        }
    return page


def _asked(rows: QuerySet[ClaimLine], request: HttpRequest) -> QuerySet[ClaimLine]:
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:64]
    if asked:
        wanted = Q(order_no__icontains=asked) | Q(subject_no__icontains=asked)
        wanted |= Q(last4=asked) | Q(note__icontains=asked)
        rows = rows.filter(wanted)
    kind = request.GET.get("kind", "")
    if kind == "disputed":
        return rows.filter(dispute__isnull=False)
    return rows.filter(kind=kind) if kind in ClaimLine.Kind.values else rows


def _given_back_later(claim: SubsidyClaim, subjects: list[str]) -> dict[str, int]:
    """Return what came back of these payments in later months, as later claims deduct it (fen)."""
    rows = ClaimLine.objects.filter(
        subject_no__in=subjects,
        kind=ClaimLine.Kind.RETURN,
        claim__giver=claim.giver,
        claim__campaign=claim.campaign,
        claim__month__gt=claim.month,
    )
    back: dict[str, int] = {}
    for subject, minor in rows.values_list("subject_no", "returned_minor"):
        back[subject] = back.get(subject, 0) + minor
    return back


def _parts(claim: SubsidyClaim) -> list[dict[str, Any]]:
    return [
        {
            "receipt": part.receipt,
            "url": reverse("admin:claims_subsidyreceipt_change", args=[part.receipt_id]),
            "minor": yuan(part.minor),
            "is_advance": part.is_advance,
        }
        for part in claim.parts.select_related("receipt")
    ]


def _disputes(claim: SubsidyClaim) -> list[dict[str, Any]]:
    return [
        {
            "row": dispute,
            "minor": yuan(dispute.minor),
            "is_open": dispute.state == LineDispute.State.OPEN,
        }
        for dispute in claim.disputes.select_related("line", "again_in").order_by("line__number")
    ]


def _bank_lines(claim: SubsidyClaim) -> list[BankLineView]:
    """Return bookings that may be the giver's: of exactly what is due, or by its name."""
    lines = free_bank_lines(minor=claim.due_minor, limit=_BANK_LINES)
    for word in (giver_name(claim.giver), claim.claim_no):
        lines += free_bank_lines(search=word, limit=_BANK_LINES)
    return list({line.key: line for line in lines if line.amount.minor > 0}.values())[:_BANK_LINES]


def _what(word: str) -> str:
    """Say in words what happened; told when it is shown, in the reader's language."""
    words = {
        "drafted": gettext("Drafted from the books"),
        "checked": gettext("Checked"),
        "issued": gettext("Issued"),
        "sent": gettext("Sent to the bank"),
        "received": gettext("Money received"),
        "credit_used": gettext("Paid out of an advance"),
        "part_paid": gettext("Paid in part"),
        "paid": gettext("Paid"),
        "closed": gettext("Closed"),
        "disputed": gettext("A line is disputed"),
        "dispute_again": gettext("A disputed line is to be claimed again"),
        "dispute_borne": gettext("The mall bears a disputed line"),
        "dispute_withdrawn": gettext("The bank pays a disputed line after all"),
    }
    return words.get(word, word)
