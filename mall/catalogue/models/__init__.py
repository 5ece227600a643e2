"""What goods and their suppliers are beyond Oscar's rows."""

from __future__ import annotations

from mall.catalogue.models.extras import ProductExtra

__all__ = ["ProductExtra"]
