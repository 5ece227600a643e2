"""Before held money leaves, the acquirer says once more what it really received.

A figure that was signed once may have been wrong that once. What two people decided is about that
figure; so it is asked anew at the moment it would be given back, and another figure stops it.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import AcquirerError, Outcome, PayRef, PayResult
from payments.acquiring.transport import refuse_inside_transaction
from payments.incidents import report_incident
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.models import ChannelFact, Decision, Incident, Payment
from payments.services.accounts import adapter_of
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer


class HeldFigureDiffersError(LinliError):
    """The acquirer names another figure for held money now than the one that was proposed."""

    code = "held_figure_differs"
    message = _(
        "Asked again, the acquirer names another amount for this money, or does not name it at "
        "all. Nothing was given back. Reject this and look at the incident; propose it anew once "
        "the amount is certain."
    )


class NoAnswerAboutHeldError(LinliError):
    """The acquirer did not say what it received."""

    code = "no_answer_about_held"
    http_status = 503
    message = _("The acquirer does not answer just now. Nothing was given back; try again later.")


def ask_before_return(decision: Decision) -> None:
    """Ask what came under the transaction a return is about; refuse unless it is that amount.

    Network: not inside a transaction. What is said is kept as evidence and acted on like any
    answer. HeldFigureDiffersError (an incident calls a person), NoAnswerAboutHeldError.
    """
    refuse_inside_transaction()
    payment = Payment.objects.select_related("account").get(payment_no=decision.subject_no)
    said = _asked(payment, decision.acquirer_no)
    _hear(payment, said)
    named = _named(said, decision.acquirer_no)
    if named != decision.amount:
        report_incident(
            Incident.Kind.AMOUNT_MISMATCH,
            key=f"{payment.payment_no}:{decision.decision_no}",
            subject_no=payment.payment_no,
            reason="asked_again",
            decision_no=decision.decision_no,
            expected_minor=decision.amount_minor,
            said_minor=None if named is None else named.minor,
        )
        raise HeldFigureDiffersError(
            decision_no=decision.decision_no,
            proposed_minor=decision.amount_minor,
            said_minor=None if named is None else named.minor,
        )


def _asked(payment: Payment, acquirer_no: str) -> PayResult:
    ref = PayRef(payment.payment_no, acquirer_no=acquirer_no, sent_at=payment.sent_at)
    try:
        said = adapter_of(payment.account).query(ref)
    except AcquirerError as error:
        note_answer(payment.account, Contact.ASK, error=error)
        raise NoAnswerAboutHeldError(payment_no=payment.payment_no) from error
    note_answer(payment.account, Contact.ASK)
    if said.payment_no != payment.payment_no or said.outcome == Outcome.UNKNOWN:
        raise NoAnswerAboutHeldError(payment_no=payment.payment_no)
    return said


def _hear(payment: Payment, said: PayResult) -> None:
    """Act on the answer, and on each further payment it lists, as if it had been told alone."""
    for result in (said, *_further(said)):
        apply_channel_fact(source=ChannelFact.Source.QUERY, account=payment.account, result=result)


def _further(said: PayResult) -> list[PayResult]:
    return [
        replace(said, acquirer_no=each.acquirer_no, amount=each.amount, tenders=(), further=())
        for each in said.further
    ]


def _named(said: PayResult, acquirer_no: str) -> Money | None:
    """Return what the answer says came under a transaction; None where it names none."""
    for each in (said, *_further(said)):
        if each.acquirer_no == acquirer_no and each.outcome == Outcome.SUCCEEDED:
            return each.amount
    return None
