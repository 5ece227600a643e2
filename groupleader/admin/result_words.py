"""What does not fit in a bank's result file, in a clerk's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FINDINGS: Final[Mapping[str, Promise]] = {
    "other_batch": _("belongs to another batch"),
    "not_ours": _("is no payout of this batch"),
    "twice": _("is in the file twice"),
    "amount": _("has another amount"),
    "account": _("went to another account"),
    "conflict": _("says something else than what is known already"),
}

# Why a batch cannot be made, approved or handed out; other reasons are refusals with words.
BATCH_REFUSALS: Final[Mapping[str, Promise]] = {
    "payee_changed": _("the account was changed since; cancel the batch and make it anew"),
    "taken": _("somebody else is paying one of them already"),
    "sums": _("the sums are not those you saw; open the batch again"),
    "empty": _("nothing was chosen"),
    "too_many": _("more rows than this bank takes in one file"),
    "form": _("this bank takes no such file"),
}

# Why a part of a payout by split was not asked for, or not paid.
SHARE_REFUSALS: Final[Mapping[str, Promise]] = {
    "not_offered": _("this acquirer shares nothing out"),
    "disputed": _("the payment is disputed"),
    "scene": _("payments of this kind cannot be shared out"),
    "currency": _("the payment is in another currency"),
    "percent": _("more than the acquirer lets go of one payment"),
    "receivers": _("too many receivers for one payment"),
    "receiver": _("the acquirer does not know this receiver; add it first"),
    "rest": _("too little is left of the payment after refunds"),
    "advanced": _("taken back for a refund, advanced by us, not repaid yet"),
}
