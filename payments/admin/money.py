"""The page of one order's money: where it came from, where each fen is now, how it got there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.flow_picture import Picture, picture_of
from payments.admin.related import account_name, both_sides, incidents_table
from payments.admin.showing import NOTHING, Table, anchor, clock, link_to, table, yuan
from payments.ledger.flows import Flow, Place
from payments.models import Incident, JournalTransaction, Transfer
from payments.trail import Step, Trail, reference_of, trail_of

_PLACES: Final[dict[Place, Promise]] = {
    Place.PAYER: _("Paid by the resident"),
    Place.FUNDER: _("Given by %(who)s"),
    Place.BACK_TO_PAYER: _("Back to the resident"),
    Place.BACK_TO_FUNDER: _("Back to %(who)s"),
    Place.ON_ITS_WAY: _("On its way back to the resident"),
    Place.BY_HAND: _("To be paid back by hand"),
    Place.HELD: _("Waits to be given back"),
    Place.GOODS: _("Goods still to be handed over"),
    Place.SUPPLIER: _("Earned by supplier %(who)s"),
    Place.LEADER: _("Earned by leader %(who)s"),
    Place.SHARED_OUT: _("Paid out to %(who)s by the acquirer"),
    Place.FEE: _("Acquirer's fee"),
    Place.OURS: _("Stays with us"),
    Place.DIFFERENCE: _("Differences with the acquirer"),
}
_EVENTS: Final[dict[str, Promise]] = {
    "capture": _("Paid"),
    "surplus": _("Paid late or twice"),
    "held": _("Money held for a decision"),
    "fee": _("Acquirer's fee"),
    "fee_back": _("Fee given back"),
    "fee_again": _("Fee charged again"),
    "refund": _("Refund promised"),
    "refund_ok": _("Refund arrived"),
    "refund_fail": _("Refund refused"),
    "refund_retry": _("Refund sent again"),
    "refund_back": _("Refund came back"),
    "refund_hand": _("Refund paid by hand"),
    "fulfil": _("Goods handed over"),
    "fulfil_back": _("Hand-over undone"),
    "commission": _("Commission earned"),
    "commission_back": _("Commission taken back"),
    "split": _("Share paid out"),
    "split_back": _("Share taken back"),
    "split_advance": _("Share advanced by us"),
    "split_repaid": _("Advance repaid"),
}


def money_page(request: HttpRequest, *, number: str, site: Any) -> HttpResponse:
    """Show an order's money, found by any number; other numbers lead to their own page."""
    if asked := request.GET.get("q", "").strip():
        return redirect("admin:payments_money", number=asked)
    context: dict[str, Any] = {"number": number, "title": gettext("One order's money")}
    reference = reference_of(number) if number else None
    if reference is not None:
        context |= _told(trail_of(reference))
    elif number and (page := _own_page(number)):
        messages.info(request, gettext("%(number)s is not about one order.") % {"number": number})
        return redirect(page)
    status = 200 if reference is not None or not number else 404
    every = {**site.each_context(request), **context}
    return TemplateResponse(request, "admin/payments/money.html", every, status=status)


def to_money_page(row: Model | None) -> HttpResponse:
    """Go to the page of the order's money that a row's number belongs to."""
    if row is None:
        return redirect("admin:payments_money_search")
    return redirect("admin:payments_money", number=str(row))


def _own_page(number: str) -> str:
    """Return the page of a payout or a journal: its money is not one order's."""
    rows: Sequence[Model | None] = (
        Transfer.objects.filter(transfer_no=number).first(),
        Transfer.objects.filter(reference=number).order_by("-pk").first(),
        JournalTransaction.objects.filter(ref=number).first(),
    )
    row = next((row for row in rows if row is not None), None)
    if row is None:
        return ""
    meta = row._meta  # noqa: SLF001 - Django documents it
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _told(trail: Trail) -> dict[str, Any]:
    numbers = [str(row) for row in (*trail.payments, *trail.refunds)]
    return {
        "trail": trail,
        "picture": _picture(trail),
        "total": yuan(trail.total_minor, trail.currency),
        "steps": [_step(step, trail) for step in trail.steps],
        "papers": [
            paper
            for paper in (
                _payments(trail),
                _refunds(trail),
                _shares(trail),
                *(_chapter(chapter, trail) for chapter in trail.chapters),
                incidents_table(Incident.objects.filter(subject_no__in=numbers).order_by("pk")),
            )
            if paper.rows
        ],
    }


def _picture(trail: Trail) -> Picture:
    def shown(flow: Flow) -> tuple[str, str, int, str]:
        name = _name(flow, trail)
        text = str(_PLACES[flow.place])
        label = text % {"who": name} if "%(who)s" in text else text
        return label, yuan(flow.minor, trail.currency), flow.minor, flow.place

    return picture_of([shown(flow) for flow in trail.came], [shown(flow) for flow in trail.went])


def _name(flow: Flow, trail: Trail) -> str:
    if known := trail.names.get((flow.account, flow.party)):
        return known
    return gettext("ourselves") if flow.account == "6005" else flow.party


def _step(step: Step, trail: Trail) -> dict[str, Any]:
    journal = step.journal
    return {
        "what": _EVENTS.get(journal.kind, journal.kind),
        "at": clock(journal.created_at),
        "link": link_to(journal),
        "amount": yuan(step.moved_minor, trail.currency),
        "at_acquirer": yuan(step.at_acquirer_minor, trail.currency),
        "owed": yuan(step.owed_minor, trail.currency),
        "legs": [
            (
                account_name(leg.account),
                trail.names.get((leg.account, leg.party), leg.party),
                *both_sides(leg),
            )
            for leg in step.legs
        ],
    }


def _payments(trail: Trail) -> Table:
    headers = (
        _("payment"),
        _("status"),
        _("application"),
        _("received"),
        _("given back"),
        _("acquirer account"),
        _("acquirer's number"),
        _("paid at"),
    )
    return table(
        _("Payments"),
        headers,
        (
            [
                link_to(payment),
                payment.get_status_display(),
                payment.get_application_display(),
                yuan(payment.captured_minor, trail.currency),
                yuan(payment.refund_committed_minor, trail.currency),
                link_to(payment.account),
                payment.acquirer_no or NOTHING,
                clock(payment.succeeded_at),
            ]
            for payment in trail.payments
        ),
    )


def _refunds(trail: Trail) -> Table:
    headers = (
        _("refund number"),
        _("status"),
        _("reason"),
        _("to the payer"),
        _("to the other funders"),
        _("promised"),
        _("done at"),
    )
    return table(
        _("Refunds"),
        headers,
        (
            [
                link_to(refund),
                refund.get_status_display(),
                refund.reason,
                yuan(refund.resident_minor, trail.currency),
                yuan(refund.value_minor - refund.resident_minor, trail.currency),
                clock(refund.created_at),
                clock(refund.done_at),
            ]
            for refund in trail.refunds
        ),
    )


def _shares(trail: Trail) -> Table:
    headers = (_("share number"), _("receiver"), _("status"), _("amount"), _("taken back or to be"))
    return table(
        _("Shares paid out by the acquirer"),
        headers,
        (
            [
                share.share_no,
                share.receiver,
                share.get_status_display(),
                yuan(share.amount_minor, trail.currency),
                yuan(share.back_committed_minor, trail.currency),
            ]
            for share in trail.shares
        ),
    )


def _chapter(chapter: Any, trail: Trail) -> Table:
    return table(
        chapter.title,
        (_("what"), _("how it stands"), _("amount")),
        (
            [
                anchor(line.url, line.what) if line.url else line.what,
                line.detail or NOTHING,
                yuan(line.minor, trail.currency),
            ]
            for line in chapter.lines
        ),
    )
