"""Cards in words for staff: the bank's name, debit or credit, the mark, a fingerprint in short."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.admin.showing import NOTHING
from payments.models import CardBin
from payments.services.card_bins import issuer_name

_KINDS: Final[dict[str, str | Promise]] = dict(CardBin.Kind.choices)
_MARKS: Final[dict[str, str | Promise]] = {
    **dict(CardBin.Mark.choices),
    "unionpay_dual": _("dual-mark"),
}
_SHORT: Final = 8


def bank_name(code: str, otherwise: str = "") -> str:
    """Name a bank in the reader's language; nothing for no bank."""
    if not code:
        return otherwise
    is_english = (get_language() or "").startswith("en")
    return issuer_name(code, english=is_english, otherwise=otherwise)


def kind_word(kind: str) -> str:
    """Say debit, credit or prepaid."""
    return str(_KINDS.get(kind, kind)) or NOTHING


def mark_word(scheme: str) -> str:
    """Say a mark; another scheme by the acquirer's word for it."""
    return str(_MARKS.get(scheme, scheme)) or NOTHING


def short_print(fingerprint: str) -> str:
    """Show the beginning of a fingerprint or of a browser's name."""
    if not fingerprint:
        return NOTHING
    return f"{fingerprint[:_SHORT]}…"
