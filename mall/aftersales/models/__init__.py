"""What was wrong with goods: cases with their story, reasons, limits, compensation, recalls."""

from __future__ import annotations

from mall.aftersales.models.cases import AfterSalesCase
from mall.aftersales.models.compensations import Compensation
from mall.aftersales.models.limits import DecisionAllowance
from mall.aftersales.models.photos import CasePhoto
from mall.aftersales.models.reasons import Bearer, CaseReason, Kind
from mall.aftersales.models.recalls import Recall, RecallLine
from mall.aftersales.models.story import CaseMessage, CaseStep, Role

__all__ = [
    "AfterSalesCase",
    "Bearer",
    "CaseMessage",
    "CasePhoto",
    "CaseReason",
    "CaseStep",
    "Compensation",
    "DecisionAllowance",
    "Kind",
    "Recall",
    "RecallLine",
    "Role",
]
