"""Leaders, their commission, their statements and payouts; suppliers as they are settled."""

from __future__ import annotations

from groupleader.models.batches import (
    BatchAnswer,
    BatchResult,
    PayoutBatch,
    PayoutBatchDownload,
    PayoutBatchFile,
    PayoutDecision,
)
from groupleader.models.becoming import LeaderApplication, LeaderEvent
from groupleader.models.calls import NumberAsked, NumbersADay
from groupleader.models.commissions import (
    CommissionAccrual,
    CommissionTerms,
    OwnOrder,
    TakenBack,
)
from groupleader.models.deductions import Correction, Deduction
from groupleader.models.devices import DeviceAct, DeviceKey
from groupleader.models.dues import SupplierDue, SupplierTerms
from groupleader.models.leaders import Leader
from groupleader.models.parties import SettlementPeriod, SupplierAccount
from groupleader.models.payees import PayeeChange, PayeeReveal
from groupleader.models.payouts import Payout, PayoutShare
from groupleader.models.people import (
    Broadcast,
    BroadcastCount,
    BroadcastStop,
    ResidentNote,
    ResidentTag,
)
from groupleader.models.receivers import ReceiverChange
from groupleader.models.rules import CommissionRule, RuleEvent, RulePreview
from groupleader.models.runs import DeskRun, DeskRunRow
from groupleader.models.shares import KeeperShare
from groupleader.models.statements import SettlementStatement, StatementEvent
from groupleader.models.talks import StatementMessage, StatementPaper
from groupleader.models.tax_office import (
    TaxFileOpened,
    TaxIdentity,
    TaxRemittance,
    TaxReport,
    TaxReportRow,
)

__all__ = [
    "BatchAnswer",
    "BatchResult",
    "Broadcast",
    "BroadcastCount",
    "BroadcastStop",
    "CommissionAccrual",
    "CommissionRule",
    "CommissionTerms",
    "Correction",
    "Deduction",
    "DeskRun",
    "DeskRunRow",
    "DeviceAct",
    "DeviceKey",
    "KeeperShare",
    "Leader",
    "LeaderApplication",
    "LeaderEvent",
    "NumberAsked",
    "NumbersADay",
    "OwnOrder",
    "PayeeChange",
    "PayeeReveal",
    "Payout",
    "PayoutBatch",
    "PayoutBatchDownload",
    "PayoutBatchFile",
    "PayoutDecision",
    "PayoutShare",
    "ReceiverChange",
    "ResidentNote",
    "ResidentTag",
    "RuleEvent",
    "RulePreview",
    "SettlementPeriod",
    "SettlementStatement",
    "StatementEvent",
    "StatementMessage",
    "StatementPaper",
    "SupplierAccount",
    "SupplierDue",
    "SupplierTerms",
    "TakenBack",
    "TaxFileOpened",
    "TaxIdentity",
    "TaxRemittance",
    "TaxReport",
    "TaxReportRow",
]
