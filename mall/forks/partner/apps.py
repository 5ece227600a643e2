"""Oscar's partner app with a few of its classes replaced by ours."""

from __future__ import annotations

from oscar.apps.partner.apps import PartnerConfig as CorePartnerConfig


class PartnerConfig(CorePartnerConfig):
    """Points Oscar's class loader at this package; models and migrations stay Oscar's."""

    name = "mall.forks.partner"
