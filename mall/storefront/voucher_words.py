"""Rounds and vouchers as pages show them: amounts, times, and what one can do, in words."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mall.storefront.banks import bank_name
from mall.vouchers.eligibility import Unfit
from mall.vouchers.models import Voucher, VoucherBatch
from mall.vouchers.selectors import EXPIRES_SOON, RoundState, RoundView
from mall.vouchers.wording import audience_text, limit_text, moment, rules_of, threshold_text, until
from payments.api import business_date, local, now

State = Voucher.State
_NEW_FOR = timedelta(hours=24)
_REFUSALS = {
    Unfit.NO_CARD: gettext_lazy("Tie a bank card first."),
    Unfit.OTHER_BANK: gettext_lazy("None of your cards is of a bank that gives it."),
    Unfit.NOT_NEW: gettext_lazy("You have been with us for longer."),
}
_ROUND_STATES = {
    RoundState.COMING: pgettext_lazy("a round of vouchers", "Soon"),
    RoundState.OPEN: pgettext_lazy("a round of vouchers", "Now"),
    RoundState.YOURS: gettext_lazy("Already yours"),
    RoundState.SOLD_OUT: gettext_lazy("All gone"),
    RoundState.NOT_FOR_YOU: gettext_lazy("For others"),
    RoundState.PAUSED: gettext_lazy("Pausing"),
    RoundState.OVER: pgettext_lazy("a round of vouchers", "Over"),
}
_TONES = {RoundState.OPEN: "solid", RoundState.COMING: "sky", RoundState.YOURS: "leaf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCard:
    """A round as a card; amounts in fen."""

    id: int
    state: str
    state_text: str
    tone: str
    name: str
    worth_minor: int
    threshold_text: str
    audience: str
    limit_text: str
    opens_at: datetime
    opens_text: str
    closes_text: str
    left: int
    gone_percent: int
    reason: str
    needs_card: bool
    voucher_url: str
    claim_url: str
    url: str
    # the random name of this button: pressed twice it is one voucher
    click: str
    is_red_packet: bool
    # when this batch opens again after this round
    later: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherCard:
    """A voucher as a ticket; amounts in fen."""

    voucher_no: str
    url: str
    name: str
    worth_minor: int
    threshold_text: str
    until_text: str
    state: str
    state_text: str
    is_off: bool
    is_soon: bool
    is_gift: bool
    is_new: bool
    is_red_packet: bool
    is_for_the_mall: bool
    is_for_merchants: bool
    rules: list[str]


def round_cards(views: Sequence[RoundView]) -> list[RoundCard]:
    """Put rounds into words: of each batch's coming ones the next, with when it comes again."""
    coming: dict[int, list[RoundView]] = {}
    shown = []
    for view in views:
        rounds = coming.setdefault(view.batch.pk, [])
        if view.state != RoundState.COMING or not rounds:
            shown.append(view)
        if view.state == RoundState.COMING:
            rounds.append(view)
    return [
        round_card(view, later=coming[view.batch.pk][1:])
        if view.state == RoundState.COMING
        else round_card(view)
        for view in shown
    ]


def round_card(view: RoundView, *, later: Sequence[RoundView] = ()) -> RoundCard:
    """Put a round into words."""
    each, batch = view.round, view.batch
    banks = _(", ").join(bank_name(code) for code in batch.issuers)
    return RoundCard(
        id=each.pk,
        state=view.state.value,
        state_text=str(_ROUND_STATES[view.state]),
        tone=_TONES.get(view.state, "quiet"),
        name=batch.name,
        worth_minor=batch.discount_minor,
        threshold_text=threshold_text(batch.threshold_minor),
        audience=audience_text(batch, banks),
        limit_text=limit_text(each.person_limit),
        opens_at=each.opens_at,
        opens_text=_opens(each.opens_at),
        closes_text=until(each.closes_at, at=now()),
        left=min(each.left, batch.left),
        gone_percent=100 - 100 * min(each.left, batch.left) // each.stock,
        reason=str(_REFUSALS.get(view.unfit, "")),
        needs_card=view.unfit in {Unfit.NO_CARD, Unfit.OTHER_BANK},
        voucher_url=reverse("storefront:voucher", args=[view.voucher_no])
        if view.voucher_no
        else "",
        claim_url=reverse("storefront:claim-voucher", args=[each.pk]),
        url=reverse("storefront:voucher-round", args=[each.pk]),
        click=secrets.token_urlsafe(12),
        is_red_packet=batch.kind == VoucherBatch.Kind.RED_PACKET,
        later=[moment(other.round.opens_at) for other in later[:3]],
    )


def voucher_card(voucher: Voucher, *, at: datetime) -> VoucherCard:
    """Put a voucher into words; needs its batch with its ranges at hand."""
    batch = voucher.batch
    state = _state_now(voucher, at)
    is_live = state in {State.HELD, State.RETURNED, State.LOCKED}
    return VoucherCard(
        voucher_no=voucher.voucher_no,
        url=reverse("storefront:voucher", args=[voucher.voucher_no]),
        name=batch.name,
        worth_minor=voucher.worth_minor,
        threshold_text=threshold_text(batch.threshold_minor),
        until_text=_when(voucher, is_live=is_live, at=at),
        state=state,
        state_text=_state_text(voucher, state, at),
        is_off=not is_live,
        is_soon=is_live and voucher.expires_at <= at + EXPIRES_SOON,
        is_gift=voucher.source == Voucher.Source.GIFT,
        is_new=is_live and voucher.claimed_at > at - _NEW_FOR,
        is_red_packet=batch.kind == VoucherBatch.Kind.RED_PACKET,
        is_for_the_mall=batch.place != VoucherBatch.Place.MERCHANTS,
        is_for_merchants=batch.place != VoucherBatch.Place.MALL,
        rules=rules_of(batch),
    )


def _state_now(voucher: Voucher, at: datetime) -> str:
    """Return the state as it is by the clock, whether the job has come by or not."""
    is_free = voucher.state in {State.HELD, State.RETURNED}
    return State.EXPIRED.value if is_free and voucher.expires_at <= at else voucher.state


def _state_text(voucher: Voucher, state: str, at: datetime) -> str:
    if state == State.LOCKED:
        return _("On an unpaid order")
    if state == State.RETURNED:
        return _("Came back")
    if state == State.HELD:
        return _("Not good yet") if voucher.valid_from > at else ""
    return str(State(state).label)


def _when(voucher: Voucher, *, is_live: bool, at: datetime) -> str:
    if not is_live:
        return moment(voucher.expires_at if voucher.state != State.USED else voucher.changed_at)
    if voucher.valid_from > at:
        return _("From %(day)s") % {"day": moment(voucher.valid_from)}
    return until(voucher.expires_at, at=at)


def _opens(opens_at: datetime) -> str:
    """Say when a round opens: "Today, 10:00", "Tomorrow, 10:00", "Nov 25, 10:00"."""
    days = (business_date(opens_at) - business_date()).days
    time = f"{local(opens_at):%H:%M}"
    if days == 0:
        return _("Today, %(time)s") % {"time": time}
    if days == 1:
        return _("Tomorrow, %(time)s") % {"time": time}
    return moment(opens_at)
