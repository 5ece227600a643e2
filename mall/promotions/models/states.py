"""The states of a bank offer and the numbered steps between them (docs/offers.md)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.api import Edges


class OfferState(models.TextChoices):
    """Where an offer is in its life."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    ACTIVE = "active", _("Running")
    PAUSED = "paused", _("Paused")
    EXHAUSTED = "exhausted", _("Used up")
    ENDED = "ended", _("Ended")


@dataclass(frozen=True, slots=True)
class OfferStep:
    """One numbered step of an offer's life; a step that is not in the table does not exist."""

    no: str
    came_from: OfferState
    to: OfferState
    when: str


_S = OfferState
OFFER_STEPS: Final = (
    OfferStep("O1", _S.DRAFT, _S.SCHEDULED, "launched: the rule is fixed for good"),
    OfferStep("O2", _S.SCHEDULED, _S.ACTIVE, "its time has come; earlier versions end"),
    OfferStep("O3", _S.SCHEDULED, _S.ENDED, "ended by hand, too late, or a later version began"),
    OfferStep("O4", _S.ACTIVE, _S.PAUSED, "paused by hand"),
    OfferStep("O5", _S.ACTIVE, _S.EXHAUSTED, "number or budget is gone"),
    OfferStep("O6", _S.ACTIVE, _S.ENDED, "its time is over, by hand, or a later version began"),
    OfferStep("O7", _S.PAUSED, _S.ACTIVE, "resumed by hand"),
    OfferStep("O8", _S.PAUSED, _S.ENDED, "its time is over, by hand, or a later version began"),
    OfferStep("O9", _S.EXHAUSTED, _S.ACTIVE, "a use came back, or the budget was raised"),
    OfferStep("O10", _S.EXHAUSTED, _S.PAUSED, "paused by hand: nothing that comes back is given"),
    OfferStep("O11", _S.EXHAUSTED, _S.ENDED, "its time is over, by hand, or a later version began"),
)
# Which versions a later one that begins puts an end to; of one code only one gives at a time.
RUNNING: Final = (_S.ACTIVE, _S.PAUSED, _S.EXHAUSTED)
LAUNCHED: Final = (_S.SCHEDULED, *RUNNING)


def _edges() -> Edges:
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for step in OFFER_STEPS:
        targets[step.came_from].add(step.to)
    return {state: frozenset(targets[state]) for state in OfferState}


OFFER_EDGES: Final[Edges] = _edges()
