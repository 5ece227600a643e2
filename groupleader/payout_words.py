"""What a leader reads about her payouts: what happened, and what she can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groupleader.models import Payout, SettlementStatement
from payments.api import Money

# What a leader reads when her money did not arrive; the bank's own words stay with the clerk.
FAILURES: Final[Mapping[str, Promise]] = {
    "payee_account_invalid": _(
        "Your bank does not accept this account. Please check name and number."
    ),
    "payee_name_differs": _(
        "Name and number of the account do not belong together. Please check both."
    ),
    "payee_account_closed": _("This account is closed. Please give another one."),
    "payee_account_blocked": _(
        "Your bank blocks payments to this account. Please ask it, or give another one."
    ),
    "bank_limit": _("The bank's limit was reached. We pay again, you need not do anything."),
    "returned": _("Your bank sent the money back. Please check the account."),
    "taken_back": _("A part goes on with other orders of yours; you need not do anything."),
    "shares_refused": _("The acquirer did not pay a part of it. We are looking at it."),
    "not_processed": _("The bank did not process it. We pay again, you need not do anything."),
}
OTHER_FAILURE: Final = _("The transfer did not go through. We are looking at it.")
# Failures that only another or a corrected account can mend.
OF_THE_ACCOUNT: Final = frozenset(
    {
        "payee_account_invalid",
        "payee_name_differs",
        "payee_account_closed",
        "payee_account_blocked",
        "returned",
    }
)
# Words in which banks refuse a row, and what they mean for her; the first that fits.
_BANKS_WORDS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("payee_name_differs", ("户名不符", "姓名不符", "户名与账号", "name mismatch")),
    ("payee_account_closed", ("销户", "已注销", "closed")),
    ("payee_account_blocked", ("冻结", "止付", "非柜面", "blocked", "frozen")),
    ("bank_limit", ("限额", "超限", "limit")),
    ("payee_account_invalid", ("账号", "帐号", "账户", "卡号", "不存在", "account")),
)
_STATES: Final[Mapping[str, Promise]] = {
    Payout.Status.NEW: _("We are preparing the payment."),
    Payout.Status.SENT: _("On its way to your bank."),
    Payout.Status.UNKNOWN: _("On its way to your bank."),
    Payout.Status.SUCCEEDED: _("Arrived in your account."),
    Payout.Status.CANCELLED: _("Put off; it is paid with one of the next files."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """One attempt as she reads it; `asks_for_account` offers the page of her account."""

    payout: Payout
    words: str
    tone: str
    asks_for_account: bool

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.payout.amount_minor)


def failure_for_leader(payout: Payout) -> str:
    """Say why a payout failed, so that the leader knows what she can do."""
    return str(FAILURES.get(payout.failure_code, OTHER_FAILURE))


def code_of_banks_words(reason: str) -> str:
    """Return what a bank's refusal means: one of FAILURES, or refused_by_bank."""
    plain = reason.casefold()
    for code, words in _BANKS_WORDS:
        if any(word in plain for word in words):
            return code
    return "refused_by_bank"


def payouts_of(statement: SettlementStatement) -> list[PayoutLine]:
    """Return the attempts to pay a statement in her words, newest first; one query."""
    return [_line(payout, statement) for payout in statement.payouts.order_by("-attempt")]


def _line(payout: Payout, statement: SettlementStatement) -> PayoutLine:
    is_failure = payout.status in {Payout.Status.FAILED, Payout.Status.RETURNED}
    is_open = statement.status == SettlementStatement.Status.FAILED
    if payout.method == Payout.Method.SPLIT and payout.status == Payout.Status.SUCCEEDED:
        words = str(_("Paid by the acquirer, out of the orders of this statement."))
    elif is_failure:
        words = failure_for_leader(payout)
    elif payout.status == Payout.Status.CANCELLED and payout.method == Payout.Method.TRANSFER:
        words = str(_("Put off: the account was changed or frozen before the money left."))
    else:
        words = str(_STATES[Payout.Status(payout.status)])
    return PayoutLine(
        payout=payout,
        words=words,
        tone=_tone(payout),
        asks_for_account=is_failure and is_open and payout.failure_code in OF_THE_ACCOUNT,
    )


def _tone(payout: Payout) -> str:
    if payout.status in {Payout.Status.FAILED, Payout.Status.RETURNED}:
        return "bad"
    return "good" if payout.status == Payout.Status.SUCCEEDED else "quiet"
