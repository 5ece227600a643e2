"""Two people for what spends a bank's money: one proposes, another approves, then it happens.

The subject (an offer, a batch of vouchers) is known by kind and key. Its room registers how its
facts are read and what happens when a proposal is approved; lifecycle functions stay the only way
to change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from mall.banks.models import BankUnit
from mall.promotions.models import Proposal
from payments.api import LinliError, SecondPersonError, advance, now, transact

Action = Proposal.Action
Status = Proposal.Status


class AlreadyProposedError(LinliError):
    """The same about the same subject waits for a second person already."""

    code = "already_proposed"
    message = _("This already waits for a second person's decision.")


class AlreadyDecidedError(LinliError):
    """Another person was faster, or its time is over."""

    code = "already_decided"
    message = _("This was decided already, or its time is over.")


class ProposalVoidError(LinliError):
    """What was proposed is not what is there now."""

    code = "proposal_void"
    message = _("It was changed after it was proposed. Please look at it again and propose anew.")


class ReasonMissingError(LinliError):
    """A refusal says why."""

    code = "reason_missing"
    http_status = 400
    message = _("Please say why.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a proposal is about, as it is now; `facts` are what is approved (JSON, fen)."""

    name: str
    facts: Mapping[str, Any]
    owner: BankUnit | None = None
    budget_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvable:
    """A kind of subject: how it is read (locked until the transaction's end), what then happens.

    `check` refuses what cannot be proposed now (a LinliError); `effects` are called in the
    transaction that approves, with the subject's key and the proposal.
    """

    read: Callable[[int], Subject]
    check: Callable[[int, str, int | None], None]
    effects: Mapping[str, Callable[[int, Proposal], None]]


_KINDS: Final[dict[str, Approvable]] = {}


def register(kind: str, approvable: Approvable) -> None:
    """Make a kind of subject known; called when its room is ready."""
    _KINDS[kind] = approvable


def digest_of(facts: Mapping[str, Any]) -> str:
    """Return what tells these facts from any others (SHA-256 of their sorted JSON)."""
    told = json.dumps(facts, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


@transact()
def propose(
    action: str,
    *,
    kind: str,
    pk: int,
    by: str,
    reason: str = "",
    budget_minor: int | None = None,
) -> Proposal:
    """Write down that a subject should be launched, or get another budget (fen, None: no limit).

    Nothing happens yet. AlreadyProposedError while the same waits; refusals of the kind's check.
    """
    _KINDS[kind].check(pk, action, budget_minor)
    try:
        with transaction.atomic():
            return _write(action, kind=kind, pk=pk, by=by, reason=reason, budget_minor=budget_minor)
    except IntegrityError as error:
        raise AlreadyProposedError(subject=pk) from error


def approve(proposal: Proposal, *, by: str) -> Proposal:
    """Let it happen, if nothing has changed since it was proposed.

    SecondPersonError for whoever proposed it, AlreadyDecidedError, ProposalVoidError (it is void
    then), and the refusals of what happens.
    """
    if not by or by == proposal.proposed_by:
        raise SecondPersonError(proposal=proposal.pk)
    try:
        return _let_happen(proposal, by=by)
    except ProposalVoidError:
        advance(proposal, Proposal.EDGES, Status.VOID, decided_at=now())
        raise


def refuse(proposal: Proposal, *, by: str, answer: str) -> Proposal:
    """Let it not happen, and say why; whoever proposed it takes it back so.

    AlreadyDecidedError; ReasonMissingError where another's is refused without a reason.
    """
    is_own = by == proposal.proposed_by
    if not is_own and not answer.strip():
        raise ReasonMissingError(proposal=proposal.pk)
    to = Status.WITHDRAWN if is_own else Status.REFUSED
    changes = {"decided_by": by, "decided_at": now(), "answer": answer.strip()[:200]}
    if not advance(proposal, Proposal.EDGES, to, **changes):
        raise AlreadyDecidedError(proposal=proposal.pk)
    return proposal


@transact()
def waive(
    action: str,
    *,
    kind: str,
    pk: int,
    by: str,
    reason: str,
    budget_minor: int | None = None,
) -> Proposal:
    """Do it at once without a second person, and keep that it was so.

    Where LINLI_OFFERS_FOUR_EYES is off, and for the data of a demo; the admin asks needs_two()
    first. Refusals of the kind's check and of what happens.
    """
    _KINDS[kind].check(pk, action, budget_minor)
    proposal = _write(
        action,
        kind=kind,
        pk=pk,
        by=by,
        reason=reason,
        budget_minor=budget_minor,
        status=Status.WAIVED,
    )
    _KINDS[kind].effects[action](pk, proposal)
    return proposal


def needs_two() -> bool:
    """Tell whether launches and budgets need a second person (LINLI_OFFERS_FOUR_EYES)."""
    return bool(settings.LINLI_OFFERS_FOUR_EYES)


def open_proposals(kind: str, pk: int) -> list[Proposal]:
    """Return what waits for a second person about a subject."""
    rows = Proposal.objects.filter(subject_kind=kind, subject_pk=pk, status=Status.PROPOSED)
    return list(rows.order_by("pk"))


@transact()
def void_changed(kind: str, pk: int) -> int:
    """Make void what waits about a subject that is no longer as it was proposed; return how many.

    Called when the subject was changed, so that nobody approves what is not there.
    """
    digest = digest_of(_KINDS[kind].read(pk).facts)
    return sum(
        advance(proposal, Proposal.EDGES, Status.VOID, decided_at=now())
        for proposal in open_proposals(kind, pk)
        if proposal.digest != digest
    )


def expire_due(limit: int) -> dict[str, int]:
    """Let proposals that nobody decided in time lapse; a job."""
    due = Proposal.objects.filter(status=Status.PROPOSED, expires_at__lte=now()).order_by("pk")
    lapsed = [
        proposal
        for proposal in due[:limit]
        if advance(proposal, Proposal.EDGES, Status.EXPIRED, decided_at=now())
    ]
    return {"expired": len(lapsed)}


@transact()
def _let_happen(proposal: Proposal, *, by: str) -> Proposal:
    """Approve and carry out in one transaction; ProposalVoidError leaves nothing behind."""
    at = now()
    rows = Proposal.objects.filter(pk=proposal.pk, status=Status.PROPOSED, expires_at__gt=at)
    # The CHECK behind this holds two persons apart whoever calls.
    if not rows.update(status=Status.APPROVED, decided_by=by, decided_at=at):
        raise AlreadyDecidedError(proposal=proposal.pk)
    approvable = _KINDS[proposal.subject_kind]
    if digest_of(approvable.read(proposal.subject_pk).facts) != proposal.digest:
        raise ProposalVoidError(proposal=proposal.pk)
    proposal.refresh_from_db()
    approvable.effects[proposal.action](proposal.subject_pk, proposal)
    return proposal


def _write(  # noqa: PLR0913 - a proposal's facts
    action: str,
    *,
    kind: str,
    pk: int,
    by: str,
    reason: str,
    budget_minor: int | None = None,
    status: str = Status.PROPOSED,
) -> Proposal:
    subject, at = _KINDS[kind].read(pk), now()
    is_budget = action == Action.BUDGET
    return Proposal.objects.create(
        action=action,
        subject_kind=kind,
        subject_pk=pk,
        subject_name=subject.name[:80],
        owner=subject.owner,
        snapshot=dict(subject.facts),
        digest=digest_of(subject.facts),
        budget_from_minor=subject.budget_minor if is_budget else None,
        budget_to_minor=budget_minor if is_budget else None,
        reason=reason.strip()[:200],
        status=status,
        proposed_by=by,
        proposed_at=at,
        expires_at=at + timedelta(days=settings.LINLI_PROPOSAL_DAYS),
        decided_at=at if status == Status.WAIVED else None,
    )
