"""Cases, their reasons, figures and recalls in the admin."""

from __future__ import annotations

from mall.aftersales.admin.cases import CaseAdmin
from mall.aftersales.admin.reasons import ReasonAdmin
from mall.aftersales.admin.recalls import RecallAdmin

__all__ = ["CaseAdmin", "ReasonAdmin", "RecallAdmin"]
