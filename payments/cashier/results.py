"""What the result page says in each state of a payment: pure, from a view to words and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Funder, PaymentView

QUICK_SECONDS: Final = 2
SLOW_SECONDS: Final = 10
QUICK_FOR_SECONDS: Final = 60

_FAILURES: Final[dict[str, Promise]] = {
    "insufficient_funds": _("There is not enough money on this card."),
    "card_declined": _("The bank declined this card."),
    "agreement_not_active": _("This card is no longer tied. Tie it again or choose another card."),
    "agreement_not_found": _("This card is no longer tied. Tie it again or choose another card."),
    "user_cancelled": _("You cancelled the payment at the bank."),
    "expired": _("The time to pay was over."),
    "never_arrived": _("The payment did not reach the bank."),
    "acquirer_unreachable": _("The bank could not be reached."),
}
_ADVICE: Final[dict[str, Promise]] = {
    "retry_later": _("Nothing was charged. You can try again."),
    "new_method": _("Nothing was charged. Please choose another way to pay."),
    "reauthenticate": _("Nothing was charged. Please tie the card again or choose another one."),
    "do_not_retry": _("Nothing was charged. Please contact your group leader."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """One line of the amounts."""

    label: Promise | str
    minor: int
    minus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """Everything the page shows."""

    state: str
    mark: str
    tone: str
    title: Promise
    text: Promise | str
    lines: tuple[MoneyLine, ...]
    total_minor: int
    continue_url: str
    bank_url: str
    poll_seconds: int

    @property
    def total_label(self) -> Promise:
        """What the amount of the payer is called in this state."""
        return pgettext_lazy("total", "Paid") if self.state in {"paid", "surplus"} else _("Amount")


def result_page(view: PaymentView, *, at: datetime) -> ResultPage:
    """Say how a payment stands at an instant."""
    state = _state(view)
    mark, tone, title, text = _words(state, view)
    return ResultPage(
        state=state,
        mark=mark,
        tone=tone,
        title=title,
        text=text,
        lines=_lines(view),
        total_minor=view.amount.minor,
        continue_url=view.continue_url,
        bank_url=view.step_url if view.status == "pending" else "",
        poll_seconds=_pause(view, at) if state == "confirming" else 0,
    )


def _state(view: PaymentView) -> str:
    if view.status == "succeeded":
        return "paid" if view.application == "applied" else "surplus"
    return {"failed": "failed", "closed": "closed", "created": "waiting"}.get(
        view.status, "confirming"
    )


def _words(state: str, view: PaymentView) -> tuple[str, str, Promise, Promise | str]:
    words: dict[str, tuple[str, str, Promise, Promise | str]] = {
        "confirming": (
            "loader-circle",
            "sky",
            _("Confirming with the bank"),
            _("Please do not pay again. This page shows the result by itself."),
        ),
        "waiting": (
            "clock",
            "sun",
            _("Not paid yet"),
            _("The payment has not been sent to the bank. You can go back and pay."),
        ),
        "paid": (
            "circle-check",
            "",
            pgettext_lazy("result of a payment", "Paid"),
            _("Thank you. We tell you when your goods have arrived."),
        ),
        "failed": ("circle-alert", "brand", _("Not paid"), _failure(view)),
        "closed": (
            "clock",
            "sun",
            _("This payment is closed"),
            _("Nothing was charged. If money leaves your account later, it returns by itself."),
        ),
        "surplus": (
            "refresh-cw",
            "sun",
            _("Your money is on its way back"),
            _("This payment came too late or twice. It is refunded in full automatically."),
        ),
    }
    return words[state]


def _failure(view: PaymentView) -> str:
    reason = _FAILURES.get(view.failure_code, _("The bank did not carry out the payment."))
    advice = _ADVICE.get(view.failure_advice, _ADVICE["retry_later"])
    return f"{reason} {advice}"


def _lines(view: PaymentView) -> tuple[MoneyLine, ...]:
    """Goods and who takes off what; one line is no breakdown and says nothing."""
    goods = sum(part.amount.minor for part in view.tenders)
    others = [part for part in view.tenders if part.funder != Funder.PAYER and part.amount]
    if not others:
        return ()
    labels: dict[str, Promise] = {
        Funder.BANK: _("Bank discount"),
        Funder.GOVERNMENT: _("Consumption voucher"),
    }
    discounts = [
        MoneyLine(
            label=labels.get(part.funder, _("Discount")), minor=-part.amount.minor, minus=True
        )
        for part in others
    ]
    return (MoneyLine(label=_("Goods"), minor=goods), *discounts)


def _pause(view: PaymentView, at: datetime) -> int:
    age = (at - view.created_at).total_seconds()
    return QUICK_SECONDS if age < QUICK_FOR_SECONDS else SLOW_SECONDS
