"""The life of a group buy and of each group in it: stored, never read off the dates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Edges


class State(models.TextChoices):
    """Where a group buy, or one leader's group of it, stands."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", pgettext_lazy("group buying", "Open")
    CLOSED = "closed", _("Cut off")
    FORMED = "formed", _("Formed")
    FAILED = "failed", _("Not formed")
    ORDERED = "ordered", _("Ordered from suppliers")
    ARRIVED = "arrived", _("Arrived")
    SETTLED = "settled", _("Settled")


class Sharing(models.TextChoices):
    """Who goes short when less came than was ordered: the group buy's choice."""

    FIRST_COME = "first_come", _("Who ordered first gets all of hers")
    PROPORTIONAL = "proportional", _("Everybody gives up the same part")
    FAIR = "fair", _("One piece after the other, so that as many as possible get some")


# A closed group buy may be prolonged until purchase orders are sent; hence the ways back to open.
EDGES: Edges = {
    State.DRAFT: frozenset({State.SCHEDULED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.OPEN}),
    State.OPEN: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.OPEN, State.FORMED, State.FAILED}),
    State.FORMED: frozenset({State.OPEN, State.ORDERED}),
    State.FAILED: frozenset(),
    State.ORDERED: frozenset({State.ARRIVED}),
    State.ARRIVED: frozenset({State.SETTLED}),
    State.SETTLED: frozenset(),
}
