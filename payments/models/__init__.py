"""Everything the small bank keeps on paper."""

from __future__ import annotations

from payments.models.accounts import AcquirerAccount
from payments.models.agreements import CardAgreement
from payments.models.facts import ChannelFact, PaymentTransition
from payments.models.incidents import Incident
from payments.models.ledger import JournalEntry, JournalTransaction
from payments.models.notifications import Notification
from payments.models.outbox import OutboxDelivery, OutboxEvent
from payments.models.payments import Payment, Tender
from payments.models.refunds import Refund, RefundTender
from payments.models.transfers import Transfer

__all__ = [
    "AcquirerAccount",
    "CardAgreement",
    "ChannelFact",
    "Incident",
    "JournalEntry",
    "JournalTransaction",
    "Notification",
    "OutboxDelivery",
    "OutboxEvent",
    "Payment",
    "PaymentTransition",
    "Refund",
    "RefundTender",
    "Tender",
    "Transfer",
]
