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
