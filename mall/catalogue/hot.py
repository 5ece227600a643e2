"""What neighbours really search for and find: counted once a day per searcher, never invented."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count

from mall.catalogue.finding import tidy_query
from mall.catalogue.models import SearchedWord
from payments.api import business_date

# A word that only one or two people typed may be about them; it is not shown to others.
SEARCHERS_MIN: Final = 3
_DAYS: Final = timedelta(days=7)
_KEPT: Final = timedelta(days=30)


def count_search(typed: str, *, searcher: str) -> None:
    """Count that somebody searched for this and found goods; again on the same day is the same.

    ``searcher`` is anything that tells people apart; a hash that changes with the day is kept.
    """
    word, day = tidy_query(typed), business_date()
    if not word or not searcher:
        return
    secret = settings.SECRET_KEY.encode()
    whose = hmac.new(secret, f"searched:{day}:{searcher}".encode(), hashlib.sha256).hexdigest()[:32]
    SearchedWord.objects.bulk_create(
        [SearchedWord(word=word, day=day, searcher=whose)], ignore_conflicts=True
    )


def hot_words(limit: int = 12) -> list[str]:
    """Return what most people searched for and found in the last seven days, most first."""
    counted = SearchedWord.objects.filter(day__gt=business_date() - _DAYS).values("word")
    counted = counted.annotate(people=Count("pk")).filter(people__gte=SEARCHERS_MIN)
    return [row["word"] for row in counted.order_by("-people", "word")[:limit]]


def forget_old_words(limit: int) -> dict[str, int]:
    """Delete what was counted more than thirty days ago; a job."""
    old = SearchedWord.objects.filter(day__lt=business_date() - _KEPT).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:limit])
    SearchedWord.objects.filter(pk__in=pks).delete()
    return {"forgotten": len(pks)}
