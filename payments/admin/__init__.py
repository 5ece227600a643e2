"""The small bank in the admin: found by any number, read like a file, changed by nobody."""

from __future__ import annotations

from payments.admin.acquirers import AcquirerAccountAdmin, IncidentAdmin
from payments.admin.cards import CardAgreementAdmin
from payments.admin.errands import RefundAdmin, TransferAdmin
from payments.admin.ledger import JournalEntryAdmin, JournalTransactionAdmin
from payments.admin.messages import (
    ChannelFactAdmin,
    NotificationAdmin,
    OutboxDeliveryAdmin,
    OutboxEventAdmin,
)
from payments.admin.payments import PaymentAdmin

__all__ = [
    "AcquirerAccountAdmin",
    "CardAgreementAdmin",
    "ChannelFactAdmin",
    "IncidentAdmin",
    "JournalEntryAdmin",
    "JournalTransactionAdmin",
    "NotificationAdmin",
    "OutboxDeliveryAdmin",
    "OutboxEventAdmin",
    "PaymentAdmin",
    "RefundAdmin",
    "TransferAdmin",
]
