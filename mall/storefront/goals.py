"""What a little more in the basket would save: the nearest step of any of her cards."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.ordering.pricing import Pricing
from mall.promotions.left import left_of_code
from mall.promotions.quoting import WayKind, WayQuote
from mall.promotions.reasons import BelowThreshold
from mall.storefront.banks import kind_text, name_of_bank
from mall.storefront.choices import about_text
from mall.storefront.templatetags.money import short_yen

# Somebody who lacks more than half of the threshold is discouraged by the bar, not helped.
_NEAR_ENOUGH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is missing to the next saving, or what is saved; fen."""

    reached: bool
    missing_minor: int
    saving_minor: int
    threshold_minor: int
    now_minor: int
    who: str
    url: str
    text: str = ""
    left_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step a card would reach with a little more, and the card it is of; fen."""

    way: WayQuote
    step: BelowThreshold

    @property
    def is_near(self) -> bool:
        """Tell whether it helps to speak of it."""
        return self.step.missing_minor <= self.step.threshold_minor * _NEAR_ENOUGH


def next_step(pricing: Pricing) -> NextStep | None:
    """Return the nearest step, within reach, that would save more than she saves already.

    Of her cards; of somebody who has none, of the cards she could tie.
    """
    now_minor = pricing.quote.best.saving.minor
    steps = [
        NextStep(way=way, step=way.next_step)
        for way in pricing.quote.ways
        if way.next_step is not None and way.next_step.saves_minor > now_minor
    ]
    own = [each for each in steps if each.way.agreement is not None]
    near = [each for each in own or steps if each.is_near]
    return min(near, key=_nearness, default=None)


def goal_of(pricing: Pricing, url: str) -> Goal | None:
    """Return the goal bar: the next step within reach, else what is saved already."""
    step = next_step(pricing)
    if step is not None:
        return _towards(step, pricing, url)
    best = pricing.quote.best
    if best.saving.minor:
        return _reached(best, pricing, url)
    return _goal_of_a_new_card(pricing)


def _nearness(found: NextStep) -> tuple[int, int]:
    return found.step.missing_minor, -found.step.saves_minor


def _towards(found: NextStep, pricing: Pricing, url: str) -> Goal:
    step, saved = found.step, pricing.quote.best.saving.minor
    figures = {
        "now": short_yen(saved),
        "missing": short_yen(step.missing_minor),
        "saving": short_yen(step.saves_minor),
    }
    text = _("You save %(now)s; %(missing)s more saves you %(saving)s") % figures if saved else ""
    return Goal(
        reached=False,
        missing_minor=step.missing_minor,
        saving_minor=step.saves_minor,
        threshold_minor=step.threshold_minor,
        now_minor=step.threshold_minor - step.missing_minor,
        who=_card_name(found.way),
        url=url,
        text=text,
        left_text=_scarce(step),
    )


def _reached(best: WayQuote, pricing: Pricing, url: str) -> Goal:
    return Goal(
        reached=True,
        missing_minor=0,
        saving_minor=best.saving.minor,
        threshold_minor=pricing.goods.minor,
        now_minor=pricing.goods.minor,
        who=best.offer.name if best.offer else "",
        url=url,
        text=about_text(best),
    )


def _goal_of_a_new_card(pricing: Pricing) -> Goal | None:
    """Say what some bank's card would save right now, to whoever has none that saves anything."""
    new_card = pricing.quote.way(WayKind.NEW_CARD.value)
    if (
        new_card is None
        or new_card.reason is None
        or new_card.next_step
        or _has_a_card_for_it(pricing)
    ):
        return None
    return Goal(
        reached=True,
        missing_minor=0,
        saving_minor=new_card.reason.saves_minor,
        threshold_minor=pricing.goods.minor,
        now_minor=pricing.goods.minor,
        who="",
        url=reverse("storefront:my-offers"),
        text=new_card.hint,
    )


def _has_a_card_for_it(pricing: Pricing) -> bool:
    """Tell whether one of her cards gains something, now or with a little more."""
    tied = (way for way in pricing.quote.ways if way.agreement is not None)
    return any(way.offer or way.next_step for way in tied)


def _card_name(way: WayQuote) -> str:
    card = way.agreement
    return f"{name_of_bank(card)} {kind_text(card.kind)}" if card else _("with a tied bank card")


def _scarce(step: BelowThreshold) -> str:
    """Say how many are left today where that is less than half of the day's; else nothing."""
    left = left_of_code(step.offer_code)
    if left is None or left.today is None or not left.is_scarce:
        return ""
    return ngettext("%(n)d left today", "%(n)d left today", left.today) % {"n": left.today}
