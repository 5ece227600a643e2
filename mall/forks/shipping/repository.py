"""Overrides Oscar's shipping methods: everything is collected at a pickup point."""

from __future__ import annotations

from oscar.apps.shipping.repository import Repository as CoreRepository

from mall.forks.shipping.methods import Pickup


class Repository(CoreRepository):
    """Offers collection and nothing else."""

    methods = (Pickup(),)
