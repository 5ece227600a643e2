"""What a button on a case's page does, and who may press it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.deciding import approve, note_case, propose, reject, take_case
from payments.reconciliation.models import ReconciliationCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was pressed, and what was typed."""

    what: str
    action: str
    reason: str


_DONE: Final[dict[str, Promise]] = {
    "take": _("You take care of it."),
    "note": _("The remark is kept."),
    "propose": _("It is proposed. A second person decides."),
    "reject": _("The proposal is taken back."),
    "approve": _("It is decided and booked."),
}


def act(request: HttpRequest, case: ReconciliationCase, wish: Wish) -> str:
    """Do it and return the sentence for the person.

    PermissionDenied; Http404 for a button there is not; the refusals of `deciding`.
    """
    by, number = request.user.get_username(), case.case_no
    acts: dict[str, Callable[[], object]] = {
        "take": lambda: take_case(number, by=by),
        "note": lambda: note_case(number, by=by, note=wish.reason),
        "propose": lambda: propose(number, action=wish.action, reason=wish.reason, by=by),
        "reject": lambda: reject(number, by=by, reason=wish.reason),
        "approve": lambda: approve(number, by=by),
    }
    if wish.what not in acts:
        raise Http404
    if not request.user.has_perm(f"reconciliation.{_needed(case, wish.what, by)}"):
        raise PermissionDenied
    acts[wish.what]()
    return str(_DONE[wish.what])


def _needed(case: ReconciliationCase, what: str, by: str) -> str:
    """Refusing another's proposal is deciding it; taking one's own back is not."""
    is_anothers = case.proposed_by not in {by, ""}
    is_deciding = what == "approve" or (what == "reject" and is_anothers)
    return f"{'decide' if is_deciding else 'change'}_reconciliationcase"
