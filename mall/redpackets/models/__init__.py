"""The rows of red-packet rain: sessions, their prizes, turns taken and draws."""

from __future__ import annotations

from mall.redpackets.models.draws import RainDraw, RainTurn
from mall.redpackets.models.sessions import RainPrize, RainSession

__all__ = ["RainDraw", "RainPrize", "RainSession", "RainTurn"]
