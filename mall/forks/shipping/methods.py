"""Adds the one way goods are handed over: collection at a pickup point, free of charge."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from oscar.apps.shipping.methods import Free


class Pickup(Free):
    """Collected at the leader's pickup point."""

    code = "pickup"
    name = _("Collection at the pickup point")
