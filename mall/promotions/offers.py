"""The offers in force, read once per process and again when one of them changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from django.db.models import Count, Max
from oscar.apps.offer.models import Range

from mall.promotions.evaluation import OfferBook
from mall.promotions.models import BankOffer
from mall.promotions.rules import Limit, OfferRule, Period, Subject
from payments.api import now

# Goods move in and out of Oscar's ranges without touching an offer: look again this often.
_RANGES_FRESH_FOR = timedelta(minutes=1)
_SHOWN = (BankOffer.State.SCHEDULED, BankOffer.State.ACTIVE, BankOffer.State.EXHAUSTED)
_SUBJECTS: tuple[Subject, ...] = ("resident", "card")
_PERIODS: tuple[Period, ...] = ("day", "month", "total")

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
    return OfferRule(
        offer_id=offer.pk,
        code=offer.code,
        name=offer.name,
        funder_ref=offer.funder_ref,
        issuers=frozenset(offer.issuers),
        kinds=frozenset(offer.kinds),
        single_mark_only=offer.marks == BankOffer.Marks.SINGLE,
        bins=tuple(offer.bins),
        included=None if offer.included is None else _products(offer.included),
        excluded=frozenset() if offer.excluded is None else _products(offer.excluded),
        physical_only=offer.physical_only,
        threshold_minor=offer.threshold_minor,
        discount_minor=offer.discount_minor,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        weekdays=frozenset(offer.weekdays),
        month_days=frozenset(offer.month_days),
        from_time=offer.from_time,
        until_time=offer.until_time,
        limits=_limits(offer),
        day_limit=offer.day_limit,
        funding=tuple((part["funder"], part["percent"]) for part in offer.funding),
        refund_policy=offer.refund_policy,
    )


def _version() -> Version:
    told = BankOffer.objects.aggregate(count=Count("pk"), changed=Max("changed_at"), last=Max("pk"))
    return told["count"], told["changed"], told["last"]


def _rules() -> list[OfferRule]:
    offers = BankOffer.objects.filter(state__in=_SHOWN, ends_at__gt=now())
    return [
        rule_of(offer) for offer in offers.select_related("included", "excluded").order_by("pk")
    ]


def _products(goods: Range) -> frozenset[int]:
    return frozenset(goods.all_products().values_list("pk", flat=True))


def _limits(offer: BankOffer) -> tuple[Limit, ...]:
    return tuple(
        Limit(subject=subject, period=period, most=most)
        for subject in _SUBJECTS
        for period in _PERIODS
        if (most := getattr(offer, f"{subject}_{period}_limit")) is not None
    )
