"""Conflicts and refusals in words: what happened meanwhile, and what to do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from groupleader.models import DeviceAct
from payments.api import local

# Reason: what happened, what to do.
_WORDS: Final[dict[str, tuple[Promise, Promise]]] = {
    "collected": (
        _lazy("Somebody else handed this bag over as well."),
        _lazy(
            "Ask each other who gave which bag to whom. If the neighbour got it twice, ask for one "
            "back; if another neighbour has it, tell the office."
        ),
    ),
    "refunded": (
        _lazy("The money for this order went back before the bag was handed over."),
        _lazy("The neighbour has goods and money. Ask her to bring the bag back or to order anew."),
    ),
    "fewer": (
        _lazy("Fewer pieces were left than were handed over; some had been refunded or taken."),
        _lazy("Ask the neighbour about the pieces too many, or tell the office."),
    ),
    "not_here": (
        _lazy("The goods of this order have not been counted in."),
        _lazy("Count the delivery in first, then hand the bag over again from the list."),
    ),
    "moved": (
        _lazy("This order had been moved to another pickup point."),
        _lazy("Tell the leader of that point that the neighbour has the bag already."),
    ),
    "not_yours": (
        _lazy("This is not yours to hand over or to receive any more."),
        _lazy("Ask the leader of the pickup point; tell her what you gave or counted."),
    ),
    "unknown": (
        _lazy("The shop knows nothing of this order or delivery."),
        _lazy("Tell the office what you gave or counted, and when."),
    ),
    "never_fetched": (
        _lazy("Nobody had fetched this bag in time; it was written off before."),
        _lazy("Tell the office that the neighbour took it after all."),
    ),
    "received": (
        _lazy("Somebody else counted this delivery in, with other figures."),
        _lazy("The first count stands. Count once more together; the office sets it right."),
    ),
    "wrong_counts": (
        _lazy("The delivery holds other goods now than your phone knew of."),
        _lazy("Open the delivery and count it in again; your figures were not used."),
    ),
    "not_sent": (
        _lazy("This group was not on its way yet, so nothing was counted in."),
        _lazy("Wait until it is sent, or ask the office; then count it in again."),
    ),
    "not_undoable": (
        _lazy("This hand-over could no longer be undone."),
        _lazy("Open an after-sales case for what came back."),
    ),
}
_REFUSED: Final[dict[str, Promise]] = {
    "forged": _lazy("This record does not carry this phone's signature. It was not taken."),
    "changed": _lazy("This record was changed after it was made. It was not taken."),
    "unreadable": _lazy("This record cannot be read. It was not taken."),
    "out_of_order": _lazy("Another record has to come first."),
    "revoked": _lazy("This phone was taken off the list. What it tells is not taken any more."),
}


def what_happened(act: DeviceAct) -> str:
    """Return what stood in an act's way; who and when where that is known."""
    words = _WORDS.get(act.reason)
    said = str(words[0]) if words else act.reason
    who, when = act.detail.get("who"), act.detail.get("when")
    if who and when:
        at = date_format(local(datetime.fromisoformat(when)), "n-j H:i")
        said = f"{said} {_('%(who)s, %(at)s') % {'who': who, 'at': at}}"
    if pieces := act.detail.get("pieces"):
        said = f"{said} {_('Too many: %(count)s') % {'count': pieces}}"
    return said


def what_to_do(act: DeviceAct) -> str:
    """Return what a person does about a conflict."""
    words = _WORDS.get(act.reason)
    return str(words[1]) if words else ""


def why_refused(reason: str) -> str:
    """Return why an act was not taken."""
    return str(_REFUSED.get(reason, reason))


def differences(act: DeviceAct) -> list[dict[str, Any]]:
    """Return the items of a delivery that were counted otherwise: written, told."""
    found = act.detail.get("differences", [])
    return found if isinstance(found, list) else []
