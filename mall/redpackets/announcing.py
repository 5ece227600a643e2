"""Two people for a rain: one proposes to announce it, another lets it happen."""

from __future__ import annotations

from typing import Final

from mall.promotions.approvals import Approvable, Subject, register
from mall.promotions.models import Proposal
from mall.redpackets.models import RainSession
from mall.redpackets.sessions import announce, require_announceable

KIND: Final = "rain"
_FACTS: Final = (
    "code",
    "title",
    "terms",
    "starts_at",
    "seconds",
    "draws_each",
    "needs_card",
    "batch_code",
    "budget_minor",
)


def make_known() -> None:
    """Let rains be proposed and approved like offers."""
    register(KIND, Approvable(read=_read, check=_check, effects={Proposal.Action.LAUNCH: _launch}))


def _read(pk: int) -> Subject:
    session = RainSession.objects.select_for_update(no_key=True).get(pk=pk)
    prizes = session.prizes.order_by("position").values_list("amount_minor", "chances")
    facts = {name: getattr(session, name) for name in _FACTS}
    return Subject(
        name=f"红包雨 {session.title}",
        facts=facts | {"prizes": [list(prize) for prize in prizes]},
        owner=session.owner,
        budget_minor=session.budget_minor,
    )


def _check(pk: int, action: str, budget_minor: int | None) -> None:
    del action, budget_minor
    require_announceable(RainSession.objects.get(pk=pk))


def _launch(pk: int, proposal: Proposal) -> None:
    del proposal
    announce(RainSession.objects.get(pk=pk))
