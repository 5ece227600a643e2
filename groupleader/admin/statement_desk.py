"""One statement's desk in the admin: what was said, answering, correcting, files, the link."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from groupleader.models import SettlementStatement, StatementMessage
from groupleader.services.correcting import Wish, propose_correction
from groupleader.services.history import record
from groupleader.services.statements import answer_dispute
from groupleader.services.talking import Said, say
from mall.api import make_supplier_link, send_supplier_link
from payments.api import LinliError

_FEN_MAX: Final = Decimal(10) ** 9


def act(request: HttpRequest, statement: SettlementStatement) -> None:
    """Do what the pressed button says; refusals are told, never raised."""
    what = request.POST.get("what", "answer")
    try:
        _ACTS.get(what, _answer)(request, statement)
    except LinliError as refusal:
        messages.error(request, refusal.user_message)


def _words(request: HttpRequest, name: str, most: int) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def _answer(request: HttpRequest, statement: SettlementStatement) -> None:
    answer_dispute(statement=statement, answer=_words(request, "answer", 400), by=request.user)
    messages.success(request, _("Answered; the leader is asked again."))


def _write(request: HttpRequest, statement: SettlementStatement) -> None:
    said = Said(
        text=_words(request, "text", 1000), by=request.user, files=request.FILES.getlist("files")
    )
    say(statement=statement, side=StatementMessage.Side.FINANCE, said=said)
    messages.success(request, _("Sent."))


def _correct(request: HttpRequest, statement: SettlementStatement) -> None:
    minor = _minor(_words(request, "amount", 20))
    wish = Wish(amount_minor=minor, reason=_words(request, "reason", 400), about=statement)
    key = _words(request, "key", 64)
    correction = propose_correction(party=statement.party, wish=wish, by=request.user, key=key)
    if correction.status == correction.Status.APPROVED:
        messages.success(request, _("It is a line of the next statement."))
    else:
        messages.warning(request, _("A second person has to approve it."))


def _link(request: HttpRequest, statement: SettlementStatement) -> None:
    """Make a link for the supplier; it is shown only this once."""
    number = statement.party.ref.partition(":")[2]
    if statement.supplier_id is None or not number.isdigit():
        return
    _made, path = make_supplier_link(supplier_id=int(number), by=str(request.user.get_username()))
    url = request.build_absolute_uri(f"{path}settlement/{statement.statement_no}/")
    messages.success(request, _("Send this link; it is shown only now: %(url)s") % {"url": url})


def _send_link(request: HttpRequest, statement: SettlementStatement) -> None:
    """Send the supplier a link to this statement, to its telephone."""
    number = statement.party.ref.partition(":")[2]
    if statement.supplier_id is None or not number.isdigit():
        return
    tail = send_supplier_link(
        supplier_id=int(number),
        by=str(request.user.get_username()),
        page=f"settlement/{statement.statement_no}/",
        number=statement.statement_no,
    )
    record(statement, "link_sent", by=request.user, note=f"····{tail}")
    messages.success(request, _("Sent to the number that ends in %(tail)s.") % {"tail": tail})


_ACTS: Final = {
    "answer": _answer,
    "write": _write,
    "correct": _correct,
    "link": _link,
    "send-link": _send_link,
}


def _minor(text: str) -> int:
    """Read yuan with at most two decimals as fen; 0, which is refused, for anything else."""
    try:
        amount = Decimal(text.replace("−", "-")) * 100
    except InvalidOperation:
        return 0
    if not amount.is_finite() or abs(amount) > _FEN_MAX or amount != int(amount):
        return 0
    return int(amount)


def shown(statement: SettlementStatement) -> dict[str, Any]:
    """Return what the desk's page needs."""
    return {
        "statement": statement,
        "talk": statement.messages.select_related("accrual__terms", "due", "by").prefetch_related(
            "papers"
        ),
        "corrected": statement.corrected_by.select_related("proposed_by", "decided_by"),
        "is_disputed": statement.status == SettlementStatement.Status.DISPUTED,
    }
