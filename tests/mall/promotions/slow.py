"""Bank offers judged slowly and plainly, one sentence of the rule after the other.

What the product does quickly must say the same. Nothing here is shared with it but the facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage

# China has had no summer time since 1991.
SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Verdict:
    """What an offer saves, or the code of the refusal; what is missing to the next step."""

    saves: int = 0
    code: str = ""
    missing: int | None = None


def judge(
    rule: OfferRule, *, card: CardFacts, lines: Sequence[LineFacts], usage: Usage, now: datetime
) -> Verdict:
    """Ask one question after the other; the first that is answered with no refuses."""
    code = (
        _wrong_card(rule, card)
        or tied_wrongly(rule, card, now)
        or wrong_time(rule, now)
        or _gone(rule, card, usage)
    )
    if code:
        return Verdict(code=code)
    eligible = sum(line.value_minor for line in lines if counts(rule, line))
    if eligible == 0:
        return Verdict(code="no_such_goods")
    if gives(rule, eligible) == 0:
        enough = next(n for n in range(eligible, 10**7) if gives(rule, n) > 0)
        return Verdict(code="below_threshold", missing=enough - eligible)
    saves = gives(rule, eligible)
    if rule.decided_by == "shop" and usage.budget_left.get(rule.offer_id, saves) < saves:
        return Verdict(code="used_up")
    higher = [threshold for threshold, _saves in rule.steps if threshold > eligible]
    has_more = rule.benefit_kind == "steps" and higher
    return Verdict(saves=saves, missing=min(higher) - eligible if has_more else None)


def counts(rule: OfferRule, line: LineFacts) -> bool:
    """Tell whether a line counts towards the threshold."""
    is_in = rule.included is None or line.product_id in rule.included
    is_out = line.product_id in rule.excluded
    return is_in and not is_out and (line.is_physical or not rule.physical_only)


def gives(rule: OfferRule, eligible: int) -> int:
    """Return what the benefit is on so much; one fen is always left to pay."""
    if rule.benefit_kind == "fixed":
        return rule.discount_minor if eligible >= rule.threshold_minor else 0
    if rule.benefit_kind == "steps":
        return max([saves for needed, saves in rule.steps if eligible >= needed], default=0)
    assert rule.benefit_kind == "percent"
    if eligible < rule.threshold_minor:
        return 0
    exact = Fraction(eligible * rule.percent_bp, 10000)
    rounded = int(exact + Fraction(1, 2))
    cap = rounded if rule.cap_minor is None else rule.cap_minor
    return max(min(rounded, cap, eligible - 1), 0)


def _wrong_card(rule: OfferRule, card: CardFacts) -> str:
    if rule.issuers and card.issuer not in rule.issuers:
        return "wrong_card"
    if rule.kinds and card.kind not in rule.kinds:
        return "wrong_card"
    if rule.single_mark_only and card.scheme != "unionpay_single":
        return "wrong_card"
    if rule.bins and not any(card.bin[: len(digits)] == digits for digits in rule.bins):
        return "wrong_card"
    return ""


def tied_wrongly(rule: OfferRule, card: CardFacts, now: datetime) -> str:
    """Say how the first tie of such a card is wrong."""
    first = card.first_tied_at
    if rule.new_to_bank:
        first = card.bank_first_tied_at
        if first is None or first < rule.starts_at:
            return "not_a_new_customer"
    if rule.first_tied_within_days is not None:
        if first is None:
            return "tied_too_long_ago"
        midnight = first.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        if now >= midnight + timedelta(days=rule.first_tied_within_days + 1):
            return "tied_too_long_ago"
    return ""


def wrong_time(rule: OfferRule, now: datetime) -> str:
    """Say how the time is wrong."""
    if now < rule.starts_at:
        return "not_yet"
    if now >= rule.ends_at:
        return "over"
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    if any(begin <= now < end for begin, end in _windows(rule, today - timedelta(days=1))):
        return ""
    if any(begin <= now < end for begin, end in _windows(rule, today)):
        return ""
    if _names(rule, today):
        return "other_hour"
    days = (today + timedelta(days=n) for n in range(1, 800))
    later = next((day for day in days if _names(rule, day)), None)
    if later is None or later >= rule.ends_at:
        return "over"
    return "other_month_day" if rule.month_days else "other_weekday"


def _names(rule: OfferRule, day: datetime) -> bool:
    is_weekday = not rule.weekdays or day.weekday() + 1 in rule.weekdays
    return is_weekday and (not rule.month_days or day.day in rule.month_days)


def _windows(rule: OfferRule, day: datetime) -> list[tuple[datetime, datetime]]:
    """Return the stretches of time that belong to a day; over midnight they reach into the next."""
    if not _names(rule, day):
        return []
    if not rule.hours:
        return [(day, day + timedelta(days=1))]
    windows = []
    for start, until in rule.hours:
        begin = day + timedelta(hours=start.hour, minutes=start.minute)
        end = day + timedelta(hours=until.hour, minutes=until.minute)
        windows.append((begin, end if end > begin else end + timedelta(days=1)))
    return windows


def _gone(rule: OfferRule, card: CardFacts, usage: Usage) -> str:
    if rule.decided_by == "shop":
        if rule.offer_id in usage.used_up:
            return "used_up"
        if rule.offer_id in usage.used_up_this_month:
            return "used_up_this_month"
        if rule.offer_id in usage.used_up_today:
            return "used_up_today"
    whose = {
        "resident": usage.resident,
        "card": f"card:{card.fingerprint}",
        "device": usage.device,
    }
    for limit in rule.limits:
        key = (rule.code, whose[limit.subject], limit.period)
        if whose[limit.subject] and usage.taken.get(key, 0) >= limit.most:
            return "limit_reached"
    return ""


assert datetime(2026, 11, 22, 16, tzinfo=UTC).astimezone(SHANGHAI).day == 23
