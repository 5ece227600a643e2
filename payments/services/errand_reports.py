"""Incidents that errands call a person for: a mismatch, a contradiction, a refusal."""

from __future__ import annotations

from payments.incidents import report_incident
from payments.kernel.clock import now
from payments.models import ChannelFact, Incident
from payments.models.errands import Errand
from payments.services.errand_machines import ErrandEdge, Note


def report_mismatch(errand: Errand, reason: str, fact: ChannelFact) -> None:
    """Call a person: genuine, but not what we asked for."""
    report_incident(
        Incident.Kind.AMOUNT_MISMATCH,
        key=f"{errand}:{reason}",
        subject_no=str(errand),
        reason=reason,
        said_minor=fact.amount_minor,
        fact=fact.pk,
    )


def report_refusal(errand: Errand, kind: str, *, round_no: int = 1) -> None:
    """Call a person: an acquirer refused, or money came back."""
    suffix = f":{round_no}" if round_no > 1 else ""
    report_incident(
        Incident.Kind(kind),
        key=f"{errand}{suffix}",
        subject_no=str(errand),
        code=errand.failure_code,
    )


def heed(errand: Errand, edge: ErrandEdge | None, fact: ChannelFact) -> None:
    """Do what an edge without a target asks for: call a person, and ask the acquirer anew.

    A success told after a refusal may be an old message that was overtaken; only an answer to our
    own question is believed then.
    """
    if edge is None or edge.note == Note.NONE:
        return
    if edge.note == Note.ASK:
        type(errand)._default_manager.filter(pk=errand.pk).update(next_action_at=now())  # noqa: SLF001 - Django documents it
    report_incident(
        Incident.Kind.CONTRADICTION,
        key=f"{errand}:{errand.status}:{fact.outcome}",
        subject_no=str(errand),
        is_=errand.status,
        said=fact.outcome,
        acquirer_no=fact.acquirer_no,
    )
