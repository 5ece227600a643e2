"""What is counted of offers beyond their uses: who saw them."""

from __future__ import annotations

from mall.insight.models.exposures import Exposure

__all__ = ["Exposure"]
