"""Offers, cards, baskets and uses as nobody would think of them, near every boundary there is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from mall.promotions.funding import Share
from mall.promotions.rules import CardFacts, Limit, LineFacts, OfferRule, Usage
from payments.api import Funder

# Half an hour around a Shanghai midnight from a Tuesday to a Wednesday at a month's end.
MIDNIGHT = datetime(2026, 6, 30, 16, tzinfo=UTC)
JUNE = MIDNIGHT - timedelta(days=29)
moments = st.builds(
    lambda days, minutes, millis: (
        MIDNIGHT + timedelta(days=days, minutes=minutes, milliseconds=millis)
    ),
    st.integers(-40, 40),
    st.sampled_from([-600, -120, -60, -1, 0, 1, 60, 120, 300, 1439]),
    st.sampled_from([-1, 0, 1]),
)
hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1])
issuers = st.sampled_from(["CCB", "PSBC", "ICBC"])
some_issuers = st.frozensets(issuers, max_size=2)
few_products = st.frozensets(st.integers(1, 4), max_size=3)


def _rising(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    thresholds = sorted({threshold for threshold, _saves in pairs})
    saves = sorted({min(saves, thresholds[0] - 1) for _threshold, saves in pairs} - {0}) or [1]
    return tuple(zip(thresholds, saves, strict=False))


steps = st.lists(
    st.tuples(st.integers(2, 30000), st.integers(1, 5000)), min_size=1, max_size=4
).map(_rising)
limits = st.builds(
    Limit,
    subject=st.sampled_from(["resident", "card", "device"]),
    period=st.sampled_from(["day", "month", "total"]),
    most=st.integers(1, 2),
)
funding = st.sampled_from(
    [
        (Share(Funder.BANK, "CCB:a", 100),),
        (Share(Funder.BANK, "CCB:a", 70), Share(Funder.PLATFORM, "a", 30)),
    ]
)


# A condition is drawn only where it is among the few that a rule has at all.
CONDITIONS = {
    "issuers": some_issuers,
    "kinds": st.frozensets(st.sampled_from(["debit", "credit"]), max_size=1),
    "single_mark_only": st.booleans(),
    "bins": st.sampled_from([("625362",), ("62536211", "436742")]),
    "first_tied_within_days": st.sampled_from([0, 7, 60]),
    "new_to_bank": st.booleans(),
    "included": few_products,
    "excluded": few_products,
    "physical_only": st.booleans(),
    "starts_at": moments,
    "ends_at": moments.map(lambda at: at + timedelta(days=41)),
    "weekdays": st.frozensets(st.integers(1, 7), max_size=3),
    "month_days": st.frozensets(st.sampled_from([1, 8, 29, 30, 31]), max_size=3),
    "hours": st.lists(hours, max_size=2).map(
        lambda pairs: tuple((time(start), time(until)) for start, until in pairs)
    ),
    "limits": st.lists(limits, min_size=1, max_size=4).map(tuple),
}


@st.composite
def rules(draw: st.DrawFn, offer_id: int = 1) -> OfferRule:
    """Make a rule up, with a few conditions."""
    threshold = draw(st.sampled_from([2, 100, 10000, 20000]))
    names = draw(st.sets(st.sampled_from(sorted(CONDITIONS)), max_size=3))
    asked = {name: draw(CONDITIONS[name]) for name in sorted(names)}
    if "starts_at" in asked:
        asked.pop("ends_at", None)
    open_always = {
        "starts_at": MIDNIGHT - timedelta(days=60),
        "ends_at": MIDNIGHT + timedelta(days=90),
    }
    return OfferRule(
        offer_id=offer_id,
        code=f"offer-{offer_id}",
        name="随便",
        threshold_minor=threshold,
        discount_minor=draw(st.integers(1, threshold - 1)),
        decided_by=draw(st.sampled_from(["shop", "shop", "bank"])),
        benefit_kind=draw(st.sampled_from(["fixed", "steps", "percent"])),
        steps=draw(steps),
        percent_bp=draw(st.integers(1, 9999)),
        cap_minor=draw(st.none() | st.integers(1, 3000)),
        funding=draw(funding),
        **{**open_always, "physical_only": False, **asked},
    )


cards = st.builds(
    CardFacts,
    issuer=issuers,
    kind=st.sampled_from(["debit", "credit"]),
    scheme=st.sampled_from(["unionpay_single", "unionpay_dual", "visa"]),
    bin=st.sampled_from(["625362", "62536211", "436742", "622280"]),
    fingerprint=st.just("f1"),
    first_tied_at=st.none() | moments,
    bank_first_tied_at=st.none() | moments,
)
lines = st.lists(
    st.builds(
        LineFacts,
        product_id=st.integers(1, 5),
        value_minor=st.sampled_from([0, 1, 49, 50, 5000, 9999, 10000, 19999, 20000, 20001]),
        is_physical=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


# The hours that the moments above come upon, a thousandth of a second before, at, and after.
near_hours = st.tuples(st.sampled_from([22, 23, 0, 1, 2, 5, 14]), st.sampled_from([0, 1, 2, 22]))
calendars = st.builds(
    OfferRule,
    offer_id=st.just(1),
    name=st.just("随便"),
    threshold_minor=st.just(2),
    discount_minor=st.just(1),
    starts_at=st.just(MIDNIGHT - timedelta(days=30)),
    ends_at=st.just(MIDNIGHT + timedelta(days=30)) | moments.map(lambda at: max(at, JUNE)),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1, max_size=4) | st.just(frozenset()),
    month_days=st.just(frozenset()) | st.frozensets(st.sampled_from([1, 8, 29, 30, 31])),
    hours=st.just(())
    | st.lists(
        near_hours.filter(lambda pair: pair[0] != pair[1]).map(lambda p: (time(p[0]), time(p[1]))),
        min_size=1,
        max_size=2,
    ).map(tuple),
)


@st.composite
def usages(draw: st.DrawFn, offers: int = 1) -> Usage:
    """Make uses up: of this resident, her card, her device, of others, and of everybody."""
    subjects = st.sampled_from(["resident:7", "card:f1", "device:d1", "resident:8"])
    ids = st.frozensets(st.integers(1, offers), max_size=1)
    seldom = st.sampled_from([False, False, False, True])
    families = st.integers(1, offers).map(lambda n: f"offer-{n}")
    keys = st.tuples(families, subjects, st.sampled_from(["day", "month", "total"]))
    return Usage(
        resident=draw(st.sampled_from(["resident:7", ""])),
        device=draw(st.sampled_from(["device:d1", ""])),
        taken=draw(st.dictionaries(keys, st.integers(1, 2), min_size=2, max_size=8)),
        used_up=draw(ids) if draw(seldom) else frozenset(),
        used_up_today=draw(ids) if draw(seldom) else frozenset(),
        used_up_this_month=draw(ids) if draw(seldom) else frozenset(),
        budget_left=draw(st.dictionaries(st.integers(1, offers), st.integers(0, 3000), max_size=1)),
    )
