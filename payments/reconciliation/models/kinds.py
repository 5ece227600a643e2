"""The two words every difference has: what kind of record it is about, and what is wrong."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.acquiring.sharing import BillLineKind


class RecordKind(models.TextChoices):
    """What a line of a statement, or a row of ours, records; the words of BillLineKind."""

    PAY = BillLineKind.PAY, pgettext_lazy("record", "payment")
    REFUND = BillLineKind.REFUND, pgettext_lazy("record", "refund")
    SPLIT = BillLineKind.SPLIT, pgettext_lazy("record", "share")
    SPLIT_RETURN = BillLineKind.SPLIT_RETURN, pgettext_lazy("record", "share taken back")
    TRANSFER = BillLineKind.TRANSFER, pgettext_lazy("record", "transfer")
    FEE = BillLineKind.FEE, _("fee")
    SETTLEMENT = BillLineKind.SETTLEMENT, pgettext_lazy("record", "settlement")


class Discrepancy(models.TextChoices):
    """How a record differs; the codes of docs/reconciliation.md."""

    ACQ_ONLY = "acq_only", _("paid there, not paid here")
    OURS_ONLY = "ours_only", _("done here, missing there")
    AMOUNT = "amount", _("amounts differ")
    STATUS = "status", _("outcomes differ")
    FEE = "fee", _("fees differ")
    DUP = "dup", _("twice in the statement")
    ORPHAN = "orphan", _("number we never gave out")
    SETTLE = "settle", _("settlement differs")
