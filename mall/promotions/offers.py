"""The offers in force, read once per process and again when one of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from threading import Lock

from django.db.models import Count, Max
from oscar.apps.offer.models import Range

from mall.promotions.evaluation import OfferBook
from mall.promotions.funding import shares_from
from mall.promotions.models import BankOffer
from mall.promotions.ranges import products_of
from mall.promotions.rules import PERIODS, SUBJECTS, Limit, OfferRule
from payments.api import now

# Goods move in and out of Oscar's ranges without touching an offer: look again this often.
_RANGES_FRESH_FOR = timedelta(minutes=1)
_SHOWN = (BankOffer.State.SCHEDULED, BankOffer.State.ACTIVE, BankOffer.State.EXHAUSTED)

Version = tuple[int, datetime | None, int | None]


class _Shelf:
    """The process's copy of the book, with the version it was made from."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version: Version | None = None
        self._read_at: datetime | None = None
        self._book = OfferBook(())

    def book(self) -> OfferBook:
        version, at = _version(), now()
        with self._lock:
            if version != self._version or not self._is_fresh(at):
                self._book = OfferBook(_rules())
                self._version, self._read_at = version, at
            return self._book

    def _is_fresh(self, at: datetime) -> bool:
        return self._read_at is not None and abs(at - self._read_at) < _RANGES_FRESH_FOR


_shelf = _Shelf()


def offer_book() -> OfferBook:
    """Return the offers in force; one query when nothing changed, however many there are."""
    return _shelf.book()


def rule_of(offer: BankOffer) -> OfferRule:
    """Read an offer's row as plain facts."""
    return _rule(offer, products_of(_ranges(offer)))


def _version() -> Version:
    told = BankOffer.objects.aggregate(count=Count("pk"), changed=Max("changed_at"), last=Max("pk"))
    return told["count"], told["changed"], told["last"]


def _rules() -> list[OfferRule]:
    offers = BankOffer.objects.filter(state__in=_SHOWN, ends_at__gt=now())
    rows = list(offers.select_related("included", "excluded").order_by("pk"))
    goods = products_of(each for offer in rows for each in _ranges(offer))
    return [_rule(offer, goods) for offer in rows]


def _ranges(offer: BankOffer) -> list[Range]:
    return [goods for goods in (offer.included, offer.excluded) if goods is not None]


def _rule(offer: BankOffer, goods: Mapping[int, frozenset[int]]) -> OfferRule:
    return OfferRule(
        offer_id=offer.pk,
        code=offer.code,
        version=offer.version,
        name=offer.name,
        funder_ref=offer.funder_ref,
        decided_by=offer.decided_by,
        issuers=frozenset(offer.issuers),
        kinds=frozenset(offer.kinds),
        single_mark_only=offer.marks == BankOffer.Marks.SINGLE,
        bins=tuple(offer.bins),
        first_tied_within_days=offer.first_tied_within_days,
        new_to_bank=offer.new_to_bank,
        included=None if offer.included_id is None else goods[offer.included_id],
        excluded=frozenset() if offer.excluded_id is None else goods[offer.excluded_id],
        physical_only=offer.physical_only,
        threshold_minor=offer.threshold_minor,
        discount_minor=offer.discount_minor,
        benefit_kind=offer.benefit_kind,
        steps=tuple(sorted((threshold, discount) for threshold, discount in offer.steps)),
        percent_bp=offer.percent_bp,
        cap_minor=offer.cap_minor,
        random_from_minor=offer.random_from_minor,
        random_to_minor=offer.random_to_minor,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        weekdays=frozenset(offer.weekdays),
        month_days=frozenset(offer.month_days),
        hours=_hours(offer),
        limits=_limits(offer),
        day_limit=offer.day_limit,
        month_limit=offer.month_limit,
        funding=shares_from(offer.funding, giver=offer.funder_ref, campaign=offer.code),
        refund_policy=offer.refund_policy,
    )


def _hours(offer: BankOffer) -> tuple[tuple[time, time], ...]:
    return tuple(
        sorted(
            (time.fromisoformat(start), time.fromisoformat(until)) for start, until in offer.hours
        )
    )


def _limits(offer: BankOffer) -> tuple[Limit, ...]:
    return tuple(
        Limit(subject=subject, period=period, most=most)
        for subject in SUBJECTS
        for period in PERIODS
        if (most := getattr(offer, f"{subject}_{period}_limit")) is not None
    )
