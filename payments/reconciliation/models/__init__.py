"""What reconciliation writes down: statements, their lines, the differences, the bank's credits."""

from __future__ import annotations

from payments.reconciliation.models.bills import Bill, BillLine
from payments.reconciliation.models.cases import (
    CaseStep,
    Discrepancy,
    Finding,
    ReconciliationCase,
    RecordKind,
)
from payments.reconciliation.models.settlement import BankLine, BankStatement, SettlementBatch

__all__ = [
    "BankLine",
    "BankStatement",
    "Bill",
    "BillLine",
    "CaseStep",
    "Discrepancy",
    "Finding",
    "ReconciliationCase",
    "RecordKind",
    "SettlementBatch",
]
