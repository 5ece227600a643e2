"""The two words every difference has: what kind of record it is about, and what is wrong."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.acquiring.sharing import BillLineKind


class RecordKind(models.TextChoices):
    """What a line of a statement, or a row of ours, records; the words of BillLineKind."""

    PAY = BillLineKind.PAY, _("payment")
    REFUND = BillLineKind.REFUND, _("refund")
    SPLIT = BillLineKind.SPLIT, _("share")
    SPLIT_RETURN = BillLineKind.SPLIT_RETURN, _("share taken back")
    TRANSFER = BillLineKind.TRANSFER, _("transfer")
    FEE = BillLineKind.FEE, _("fee")
    SETTLEMENT = BillLineKind.SETTLEMENT, _("settlement")


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
