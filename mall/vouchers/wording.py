"""What screens say about vouchers: the rule in plain words, why one does not go, until when."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mall.promotions.wording import spend_more, yuan
from mall.vouchers.evaluation import Judgement, Refusal, VoucherFacts
from mall.vouchers.models import VoucherBatch
from payments.api import business_date, local

_PLAIN = {
    Refusal.NO_SUCH_GOODS: gettext_lazy("Not for these goods"),
    Refusal.ON_ANOTHER_ORDER: gettext_lazy("Held for an order that waits to be paid"),
    Refusal.EXPIRED: gettext_lazy("Expired"),
    Refusal.NOT_HERE: gettext_lazy("Good at merchants only"),
    Refusal.NOTHING_LEFT: gettext_lazy("Nothing left to take it off"),
}


def hint_of(voucher: VoucherFacts, judgement: Judgement) -> str:
    """Say in one short sentence why a voucher does not go on a basket; empty when it does."""
    match judgement.refusal:
        case Refusal.NONE:
            return ""
        case Refusal.BELOW_THRESHOLD:
            return spend_more(judgement.missing_minor, voucher.worth_minor)
        case Refusal.NOT_YET:
            return _("From %(day)s") % {"day": moment(voucher.valid_from)}
    return str(_PLAIN[judgement.refusal])


def moment(at: datetime) -> str:
    """Say a moment as people do: "Nov 22, 10:00"."""
    here = local(at)
    return f"{date_format(here, 'MONTH_DAY_FORMAT')} {here:%H:%M}"


def until(expires_at: datetime, *, at: datetime) -> str:
    """Say until when a voucher is good, nearer days by name."""
    here = local(expires_at)
    days = (business_date(expires_at) - business_date(at)).days
    if days == 0:
        return _("Until today, %(time)s") % {"time": f"{here:%H:%M}"}
    if days == 1:
        return _("Until tomorrow, %(time)s") % {"time": f"{here:%H:%M}"}
    return _("Until %(moment)s") % {"moment": moment(expires_at)}


def threshold_text(threshold_minor: int) -> str:
    """Say from which amount it goes: "From ¥100", "Any amount"."""
    if not threshold_minor:
        return _("Any amount")
    return _("From %(amount)s") % {"amount": yuan(threshold_minor)}


def rules_of(batch: VoucherBatch) -> list[str]:
    """Say a batch's rule in plain sentences, in the order a person asks."""
    said = [goods_text(batch), _place(batch), _together(batch), _refund(batch), batch.terms]
    return [str(sentence) for sentence in said if sentence]


def audience_text(batch: VoucherBatch, banks: str = "") -> str:
    """Say for whom a batch is; empty for everybody. `banks` are the names of its issuers."""
    if batch.audience == VoucherBatch.Audience.CARD_HOLDERS:
        if banks:
            return _("For residents with a tied card of %(banks)s") % {"banks": banks}
        return _("For residents with a tied bank card")
    if batch.audience == VoucherBatch.Audience.NEW_RESIDENTS:
        days = batch.new_within_days or 0
        return ngettext(
            "For residents who signed up within the last %(days)s day",
            "For residents who signed up within the last %(days)s days",
            days,
        ) % {"days": days}
    return ""


def limit_text(person_limit: int) -> str:
    """Say how many one person may claim in a round."""
    return ngettext(
        "%(count)s per person in this round", "%(count)s per person in this round", person_limit
    ) % {"count": person_limit}


def validity_text(batch: VoucherBatch) -> str:
    """Say between which moments a batch's vouchers are good, or how long from claiming."""
    if batch.valid_from is not None and batch.valid_until is not None:
        return f"{moment(batch.valid_from)} – {moment(batch.valid_until)}"
    days, hours = divmod(batch.valid_hours or 0, 24)
    if hours:
        count = batch.valid_hours or 0
        return ngettext("%(count)s hour from claiming", "%(count)s hours from claiming", count) % {
            "count": count
        }
    return ngettext("%(count)s day from claiming", "%(count)s days from claiming", days) % {
        "count": days
    }


def goods_text(batch: VoucherBatch) -> str:
    """Say on which goods a batch's vouchers go."""
    if batch.included is not None:
        sentence = _("For goods of “%(range)s” only.") % {"range": batch.included.name}
    elif batch.physical_only:
        sentence = _("For everything you can carry home.")
    else:
        sentence = _("For all goods.")
    if batch.excluded is not None:
        sentence += " " + _("Not for “%(range)s”.") % {"range": batch.excluded.name}
    return sentence


def _place(batch: VoucherBatch) -> str:
    match batch.place:
        case VoucherBatch.Place.MALL:
            return _("Goes off at checkout in this shop.")
        case VoucherBatch.Place.MERCHANTS:
            return _("Show its code at the counter of a merchant who takes it.")
    return _("Goes off at checkout in this shop, or at the counter of a merchant who takes it.")


def _together(_batch: VoucherBatch) -> str:
    return _("One voucher per order; the bank card's own saving still comes on top.")


def _refund(batch: VoucherBatch) -> str:
    if batch.refund_policy == VoucherBatch.RefundPolicy.FORFEIT:
        return _("When the whole order is refunded the voucher is forfeited.")
    return _("When the whole order is refunded the voucher returns to you unless it has expired.")
