"""What the result page says in each state of a payment: pure, from a view to words and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from payments.api import Funder, PaymentView, TenderPart, issuer_name

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
_SCAN: Final[dict[str, Promise]] = {
    "wechat": _("Open WeChat, choose Scan, and point it at this code."),
    "alipay": _("Open Alipay, choose Scan, and point it at this code."),
    "unionpay": _("Open the UnionPay app, choose Scan, and point it at this code."),
    "bank_app": _("Open the bank's app, choose Scan, and point it at this code."),
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
    who: str = ""


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
    # what the bank is expected to take off by itself, or that it took another amount
    bank_text: str
    continue_url: str
    bank_url: str
    poll_seconds: int
    # the picture of the code she scans, as a data: address
    code_picture: str = ""

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
        total_minor=_payers_part(view) if state == "paid" else view.amount.minor,
        bank_text=_bank_text(view),
        continue_url=view.continue_url,
        bank_url=_bank_url(view),
        poll_seconds=_pause(view, at) if state in {"confirming", "scan"} else 0,
        code_picture=_picture(view.step_url) if state == "scan" else "",
    )


def _bank_url(view: PaymentView) -> str:
    if view.status != "pending":
        return ""
    pages = {"form_post": "cashier:form", "sms_code": "cashier:code"}
    if view.step_kind in pages:
        return reverse(pages[view.step_kind], args=[view.payment_no])
    return view.step_url if view.step_kind == "redirect" else ""


def _picture(code: str) -> str:
    """Draw a code that stays readable when it is photographed from a screen."""
    return str(segno.make(code, error="m").svg_data_uri(scale=6, border=3))


def _state(view: PaymentView) -> str:
    if view.status == "succeeded":
        return "paid" if view.application == "applied" else "surplus"
    if view.status == "pending" and view.step_kind == "qr_code":
        return "scan"
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
        "scan": (
            "qr-code",
            "sky",
            _("Scan to pay"),
            _SCAN.get(view.purse, _("Scan this code with the app you want to pay with.")),
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
    """Goods and who takes off what; one line is no breakdown and says nothing.

    Until the money is there, what the bank might take off by itself is no line of the sum.
    """
    parts = view.tenders if view.status == "succeeded" else view.asked
    goods = sum(part.amount.minor for part in parts)
    others = [part for part in parts if part.funder != Funder.PAYER and part.amount]
    if not others:
        return ()
    return (MoneyLine(label=_("Goods"), minor=goods), *map(_discount, others))


def _discount(part: TenderPart) -> MoneyLine:
    labels: dict[str, Promise] = {
        Funder.BANK: _("Bank discount"),
        Funder.GOVERNMENT: _("Consumption voucher"),
    }
    payers: dict[str, Promise] = {
        Funder.GOVERNMENT: _("paid by the government"),
        Funder.PLATFORM: _("paid by this shop"),
        Funder.SUPPLIER: _("paid by the supplier"),
        Funder.LEADER: _("paid by your group leader"),
    }
    who = str(payers.get(part.funder, "")) or gettext("paid by %(bank)s") % {"bank": _bank(part)}
    label = labels.get(part.funder, _("Discount"))
    return MoneyLine(label=label, minor=-part.amount.minor, minus=True, who=who)


def _bank_text(view: PaymentView) -> str:
    """Say what the bank will take off by itself, or that it took something else than expected."""
    expected = sum(part.amount.minor for part in view.expected)
    if view.status != "succeeded":
        if not expected or not view.is_open:
            return ""
        figures = {"bank": _bank(view.expected[0]), "amount": _yuan(expected)}
        return gettext("%(bank)s takes about %(amount)s of it off by itself.") % figures
    if view.application != "applied":
        return ""
    names = {(part.funder, part.ref) for part in view.expected}
    given = sum(part.amount.minor for part in view.tenders if (part.funder, part.ref) in names)
    if given == expected:
        return ""
    figures = {"bank": _bank(view.expected[0]), "amount": _yuan(given), "about": _yuan(expected)}
    return gettext("%(bank)s took %(amount)s off; about %(about)s had been expected.") % figures


def _payers_part(view: PaymentView) -> int:
    """Return what she really paid: the bank may have taken its part off what was asked."""
    return sum(part.amount.minor for part in view.tenders if part.funder == Funder.PAYER)


def _bank(part: TenderPart) -> str:
    """Name the bank of a part by the giver before the colon of its ref."""
    english = (get_language() or "").startswith("en")
    giver = part.ref.partition(":")[0]
    return issuer_name(giver, english=english) or gettext("the bank")


def _yuan(minor: int) -> str:
    return f"¥{minor / 100:.2f}"


def _pause(view: PaymentView, at: datetime) -> int:
    age = (at - view.created_at).total_seconds()
    return QUICK_SECONDS if age < QUICK_FOR_SECONDS else SLOW_SECONDS
