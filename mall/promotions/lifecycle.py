"""An offer's life: launched, paused and ended by people; begun, used up and ended by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db.models import F, Q, QuerySet

from mall.promotions.models import BankOffer
from payments.api import IllegalTransitionError, advance, now

State = BankOffer.State

# What a new version does not take over.
_NOT_COPIED: Final = (
    "reserved_count",
    "used_count",
    "reserved_minor",
    "used_minor",
)


def launch(offer: BankOffer) -> None:
    """Fix the rule for good and let the offer begin on its day; IllegalTransitionError."""
    _move(offer, State.SCHEDULED)
    begin_due(limit=100)


def pause(offer: BankOffer) -> None:
    """Stop giving; what is reserved stays good. IllegalTransitionError."""
    _move(offer, State.PAUSED)


def resume(offer: BankOffer) -> None:
    """Give again after a pause; IllegalTransitionError."""
    if offer.state != State.PAUSED:
        raise IllegalTransitionError(to=State.ACTIVE)
    _move(offer, State.ACTIVE)


def end(offer: BankOffer) -> None:
    """Stop giving for good; what is reserved stays good. IllegalTransitionError."""
    _move(offer, State.ENDED)


def new_version(offer: BankOffer) -> BankOffer:
    """Copy a launched offer's rule into a draft, to be changed and launched in its place."""
    last = BankOffer.objects.filter(code=offer.code).order_by("-version").values_list("version")
    draft = BankOffer.objects.get(pk=offer.pk)
    draft.pk = None
    draft._state.adding = True  # noqa: SLF001 - Django documents copying a row this way
    draft.version = last[0][0] + 1
    draft.replaces_id = offer.pk
    draft.state = State.DRAFT
    for counter in _NOT_COPIED:
        setattr(draft, counter, 0)
    draft.save()
    return draft


def begin_due(limit: int) -> dict[str, int]:
    """Begin, end, exhaust and refill the offers whose time or budget says so; a job."""
    at = now()
    is_gone = Q(total_limit__lte=F("reserved_count") + F("used_count")) | Q(
        budget_minor__lt=F("reserved_minor") + F("used_minor") + F("discount_minor")
    )
    offers = BankOffer.objects.all()
    running = [State.SCHEDULED, State.ACTIVE, State.PAUSED, State.EXHAUSTED]
    due: dict[str, tuple[QuerySet[BankOffer], str]] = {
        "ended": (offers.filter(state__in=running, ends_at__lte=at), State.ENDED),
        "begun": (offers.filter(state=State.SCHEDULED, starts_at__lte=at), State.ACTIVE),
        "exhausted": (offers.filter(is_gone, state=State.ACTIVE), State.EXHAUSTED),
        "refilled": (offers.exclude(is_gone).filter(state=State.EXHAUSTED), State.ACTIVE),
    }
    return {
        what: sum(_moved(offer, to) for offer in rows.order_by("pk")[:limit])
        for what, (rows, to) in due.items()
    }


ACTIONS: Final[dict[str, Callable[[BankOffer], object]]] = {
    "launch": launch,
    "pause": pause,
    "resume": resume,
    "end": end,
    "new_version": new_version,
}


def _moved(offer: BankOffer, to: str) -> bool:
    return advance(
        offer, BankOffer.EDGES, to, came_from=[offer.state], field="state", changed_at=now()
    )


def _move(offer: BankOffer, to: str) -> None:
    if to not in BankOffer.EDGES[offer.state] or not _moved(offer, to):
        raise IllegalTransitionError(to=to)
