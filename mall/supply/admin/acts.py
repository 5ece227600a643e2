"""What a button on a purchase order's page does; each returns the sentence that says it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from mall.papers.uploads import clean_picture
from mall.supply.admin.showing import numbers_of, require, said
from mall.supply.answering import Answer, acknowledge, answer
from mall.supply.documents import Counted
from mall.supply.drafting import draft_for, void_drafts
from mall.supply.links import revoke_links
from mall.supply.models import PurchaseOrder
from mall.supply.receiving import close_purchase, goods_in
from mall.supply.sending import resend, send, show_link, supplement

Act = Callable[[HttpRequest, PurchaseOrder], str]
SEND: Final = "supply.send_purchaseorder"
CHANGE: Final = "supply.change_purchaseorder"


def act(request: HttpRequest, purchase: PurchaseOrder, what: str) -> str:
    """Do what a button says. PermissionDenied, and what the services refuse."""
    permission, do = ACTS.get(what, ("", None))
    if do is None:
        raise PermissionDenied
    require(request, permission)
    return do(request, purchase)


def link_text(path: str) -> str:
    """Say a link that is shown only now."""
    return _("The link, shown only now: %(link)s") % {"link": f"{settings.SITE_URL}{path}"}


def _by(request: HttpRequest) -> str:
    return str(request.user.get_username())


def _send(request: HttpRequest, purchase: PurchaseOrder) -> str:
    sent = send(purchase.purchase_no, by=_by(request))
    done = _("%(number)s is sent.") % {"number": purchase.purchase_no}
    return f"{done} {link_text(sent.path)}" if sent.path else done


def _send_by_hand(request: HttpRequest, purchase: PurchaseOrder) -> str:
    reason = said(request.POST, "reason")
    sent = send(
        purchase.purchase_no, by=_by(request), means=PurchaseOrder.Means.HAND, reason=reason
    )
    done = _("Noted: %(number)s went out by hand.") % {"number": purchase.purchase_no}
    return f"{done} {link_text(sent.path)}" if sent.path else done


def _resend(request: HttpRequest, purchase: PurchaseOrder) -> str:
    sent = resend(purchase.purchase_no, by=_by(request))
    done = _("Sent again. Links from before open nothing any more.")
    return f"{done} {link_text(sent.path)}"


def _link(request: HttpRequest, purchase: PurchaseOrder) -> str:
    return link_text(show_link(purchase.purchase_no, by=_by(request)).path)


def _revoke(request: HttpRequest, purchase: PurchaseOrder) -> str:
    revoke_links(purchase=purchase, by=_by(request))
    return _("No link of this order opens anything any more.")


def _recount(request: HttpRequest, purchase: PurchaseOrder) -> str:
    draft_for(purchase.group_buy_id, by=_by(request))
    return _("Counted anew from the orders.")


def _fall(request: HttpRequest, purchase: PurchaseOrder) -> str:
    void_drafts(purchase.group_buy_id, by=_by(request), why=said(request.POST, "reason"))
    return _("The drafts of this group buy have fallen away.")


def _acknowledge(request: HttpRequest, purchase: PurchaseOrder) -> str:
    acknowledge(purchase.purchase_no, by=_("%(name)s, for the supplier") % {"name": _by(request)})
    return _("Noted: the supplier brings everything.")


def _answer(request: HttpRequest, purchase: PurchaseOrder) -> str:
    answers = {
        pk: Answer(
            can_bring=pieces,
            because=said(request.POST, f"why-{pk}"),
            rest_until=_day(said(request.POST, f"until-{pk}", most=10)),
        )
        for pk, pieces in numbers_of(request.POST, "n-").items()
    }
    by = _("%(name)s, for the supplier") % {"name": _by(request)}
    answer(purchase.purchase_no, answers, by=by)
    return _("The supplier's answer is noted.")


def _goods_in(request: HttpRequest, purchase: PurchaseOrder) -> str:
    batches = numbers_of(request.POST, "batch-")
    counts = {
        pk: Counted(pieces=pieces, batch_id=batches.get(pk))
        for pk, pieces in numbers_of(request.POST, "came-").items()
    }
    file: Any = request.FILES.get("photo")
    document = goods_in(
        purchase.purchase_no,
        counts,
        by=request.user,  # type: ignore[arg-type]
        wish_key=said(request.POST, "wish", most=64),
        photo=clean_picture(file) if file else None,
        reason=said(request.POST, "reason"),
    )
    return _("Counted in as %(number)s.") % {"number": document.document_no}


def _supplement(request: HttpRequest, purchase: PurchaseOrder) -> str:
    draft = supplement(
        purchase.purchase_no,
        numbers_of(request.POST, "more-"),
        reason=said(request.POST, "reason"),
        by=_by(request),
    )
    return _("Supplement order %(number)s is drafted. It waits to be sent.") % {
        "number": draft.purchase_no
    }


def _close(request: HttpRequest, purchase: PurchaseOrder) -> str:
    close_purchase(purchase.purchase_no, by=_by(request), why=said(request.POST, "reason"))
    return _("Closed.")


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


ACTS: Final[dict[str, tuple[str, Any]]] = {
    "send": (SEND, _send),
    "hand": (SEND, _send_by_hand),
    "resend": (SEND, _resend),
    "link": (SEND, _link),
    "revoke": (SEND, _revoke),
    "recount": (CHANGE, _recount),
    "fall": (SEND, _fall),
    "acknowledge": (CHANGE, _acknowledge),
    "answer": (CHANGE, _answer),
    "goods_in": (CHANGE, _goods_in),
    "supplement": (CHANGE, _supplement),
    "close": (CHANGE, _close),
}
