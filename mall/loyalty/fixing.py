"""Two people for the rules of points: one proposes a version, another lets it come into force."""

from __future__ import annotations

from typing import Final

from mall.loyalty.models import PointsProgramme
from mall.loyalty.programme import fix, require_fixable
from mall.promotions.approvals import Approvable, Subject, register
from mall.promotions.models import Proposal

KIND: Final = "points"
_FACTS: Final = (
    "starts_on",
    "paid_minor_per_point",
    "earns_on",
    "day_most",
    "member_days",
    "member_percent",
    "worth_minor_per_point",
    "most_percent",
    "most_points",
    "from_minor",
    "funding",
    "expiry_months",
    "alone_most",
)


def make_known() -> None:
    """Let versions of the programme be proposed and approved like offers."""
    register(KIND, Approvable(read=_read, check=_check, effects={Proposal.Action.LAUNCH: _launch}))


def _read(pk: int) -> Subject:
    programme = PointsProgramme.objects.select_for_update(no_key=True).get(pk=pk)
    facts = {name: getattr(programme, name) for name in _FACTS}
    return Subject(name=f"积分规则 {programme}", facts=facts)


def _check(pk: int, action: str, budget_minor: int | None) -> None:
    del action, budget_minor
    require_fixable(PointsProgramme.objects.get(pk=pk))


def _launch(pk: int, proposal: Proposal) -> None:
    del proposal
    fix(PointsProgramme.objects.get(pk=pk))
