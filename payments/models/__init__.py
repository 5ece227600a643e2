"""Everything the small bank keeps on paper."""

from __future__ import annotations

from payments.models.accounts import AcquirerAccount
from payments.models.agreements import CardAgreement
from payments.models.cards import BinImport, CardBin, FirstTie, KnownCard
from payments.models.decisions import Decision
from payments.models.errands import ErrandStep
from payments.models.facts import ChannelFact, PaymentTransition
from payments.models.incidents import Incident
from payments.models.ledger import JournalEntry, JournalTransaction
from payments.models.notifications import Notification
from payments.models.outbox import OutboxDelivery, OutboxEvent
from payments.models.own_funds import OwnFunds
from payments.models.payments import Payment, Tender
from payments.models.refunds import Refund, RefundTender
from payments.models.routing import AcquirerHealth, RoutingRule
from payments.models.seals import LedgerSeal
from payments.models.splits import Split, SplitReceiver, SplitReturn, SplitShare
from payments.models.subsidies import SettledSubsidy, UnpaidSubsidy
from payments.models.transfers import Transfer
from payments.models.tying import ConsentText, SigningStreak, TyingAllowance

__all__ = [
    "AcquirerAccount",
    "AcquirerHealth",
    "BinImport",
    "CardAgreement",
    "CardBin",
    "ChannelFact",
    "ConsentText",
    "Decision",
    "ErrandStep",
    "FirstTie",
    "Incident",
    "JournalEntry",
    "JournalTransaction",
    "KnownCard",
    "LedgerSeal",
    "Notification",
    "OutboxDelivery",
    "OutboxEvent",
    "OwnFunds",
    "Payment",
    "PaymentTransition",
    "Refund",
    "RefundTender",
    "RoutingRule",
    "SettledSubsidy",
    "SigningStreak",
    "Split",
    "SplitReceiver",
    "SplitReturn",
    "SplitShare",
    "Tender",
    "Transfer",
    "TyingAllowance",
    "UnpaidSubsidy",
]
