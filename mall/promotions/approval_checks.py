"""What must always hold of approvals: two people, and what is launched is what they approved."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

from mall.promotions.approvals import Action, digest_of
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.offer_approvals import OFFER, facts_of
from payments.api import CheckResult, result_of

Status = Proposal.Status
_DONE: Final = (Status.APPROVED, Status.WAIVED)
_BUDGET: Final = "budget_minor"


def check() -> list[CheckResult]:
    """Check every rule of approvals."""
    return [decided_by_two(), launched_as_approved()]


def decided_by_two() -> CheckResult:
    """A1: an approval has two people and holds the facts its digest says."""

    def wrong() -> Iterator[tuple[str, str]]:
        for row in Proposal.objects.order_by("pk").iterator():
            if row.status == Status.APPROVED and row.decided_by in {"", row.proposed_by}:
                yield str(row), f"proposed and decided by {row.proposed_by}"
            if digest_of(row.snapshot) != row.digest:
                yield str(row), "its facts are not what its digest says"

    return result_of("A1 approved by two", rows=Proposal.objects.count(), wrong=wrong())


def launched_as_approved() -> CheckResult:
    """A2: every launched offer was approved (or is kept as launched without), with this rule."""
    decided: defaultdict[int, list[Proposal]] = defaultdict(list)
    for row in Proposal.objects.filter(subject_kind=OFFER, status__in=_DONE).order_by("decided_at"):
        decided[row.subject_pk].append(row)
    launched = BankOffer.objects.exclude(state=BankOffer.State.DRAFT)

    def wrong() -> Iterator[tuple[str, str]]:
        for offer in launched.order_by("pk").iterator():
            yield from ((str(offer), what) for what in _faults(offer, decided[offer.pk]))

    return result_of("A2 launched as approved", rows=launched.count(), wrong=wrong())


def _faults(offer: BankOffer, decided: Sequence[Proposal]) -> Iterator[str]:
    launch = next((row for row in decided if row.action == Action.LAUNCH), None)
    if launch is None:
        yield "launched without a proposal"
        return
    now = json.loads(json.dumps(facts_of(offer), cls=DjangoJSONEncoder))
    for name, value in launch.snapshot.items():
        if name != _BUDGET and name in now and now[name] != value:
            yield f"{name} is {now[name]}, approved was {value}"
    budgets = [row.budget_to_minor for row in decided if row.action == Action.BUDGET]
    allowed: Any = budgets[-1] if budgets else launch.snapshot.get(_BUDGET, offer.budget_minor)
    if offer.budget_minor != allowed:
        yield f"budget is {offer.budget_minor}, approved was {allowed}"
