"""The small bank in the admin: found by any number, read like a file, changed by nobody."""

from __future__ import annotations

from payments.admin.acquirers import AcquirerAccountAdmin
from payments.admin.card_bins import BinImportAdmin, CardBinAdmin
from payments.admin.cards import CardAgreementAdmin
from payments.admin.consents import ConsentTextAdmin
from payments.admin.decisions import DecisionAdmin
from payments.admin.errands import RefundAdmin, TransferAdmin
from payments.admin.incidents import IncidentAdmin
from payments.admin.ledger import JournalEntryAdmin, JournalTransactionAdmin, LedgerSealAdmin
from payments.admin.messages import (
    ChannelFactAdmin,
    NotificationAdmin,
    OutboxDeliveryAdmin,
    OutboxEventAdmin,
)
from payments.admin.own_funds import OwnFundsAdmin
from payments.admin.payments import PaymentAdmin
from payments.admin.recon_bank import BankLineAdmin, BankStatementAdmin, SettlementBatchAdmin
from payments.admin.recon_bills import BillAdmin
from payments.admin.recon_cases import ReconciliationCaseAdmin
from payments.admin.routes import AcquirerHealthAdmin, RoutingRuleAdmin
from payments.admin.splits import SplitAdmin, SplitReceiverAdmin, SplitReturnAdmin
from payments.admin.tying import (
    FirstTieAdmin,
    KnownCardAdmin,
    SigningStreakAdmin,
    TyingAllowanceAdmin,
)

__all__ = [
    "AcquirerAccountAdmin",
    "AcquirerHealthAdmin",
    "BankLineAdmin",
    "BankStatementAdmin",
    "BillAdmin",
    "BinImportAdmin",
    "CardAgreementAdmin",
    "CardBinAdmin",
    "ChannelFactAdmin",
    "ConsentTextAdmin",
    "DecisionAdmin",
    "FirstTieAdmin",
    "IncidentAdmin",
    "JournalEntryAdmin",
    "JournalTransactionAdmin",
    "KnownCardAdmin",
    "LedgerSealAdmin",
    "NotificationAdmin",
    "OutboxDeliveryAdmin",
    "OutboxEventAdmin",
    "OwnFundsAdmin",
    "PaymentAdmin",
    "ReconciliationCaseAdmin",
    "RefundAdmin",
    "RoutingRuleAdmin",
    "SettlementBatchAdmin",
    "SigningStreakAdmin",
    "SplitAdmin",
    "SplitReceiverAdmin",
    "SplitReturnAdmin",
    "TransferAdmin",
    "TyingAllowanceAdmin",
]
