"""An offer's life: launched, paused and ended by people; begun, used up and ended by itself.

The steps are numbered in models/states.py and docs/offers.md. Nothing else changes an offer's
state or, once it is launched, its budget.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from mall.promotions.errors import BudgetTooSmallError, OfferRuleError
from mall.promotions.models import BankOffer
from mall.promotions.models.figures import settle
from mall.promotions.models.sense import rule_errors
from mall.promotions.models.states import LAUNCHED
from payments.api import IllegalTransitionError, advance, now, transact

State = BankOffer.State

# What a new version does not take over.
_NOT_COPIED: Final = (
    "reserved_count",
    "used_count",
    "reserved_minor",
    "used_minor",
)
_IS_GONE: Final = Q(decided_by=BankOffer.DecidedBy.SHOP) & (
    Q(total_limit__lte=F("reserved_count") + F("used_count"))
    | Q(budget_minor__lt=F("reserved_minor") + F("used_minor") + F("discount_minor"))
)


@transact()
def launch(offer: BankOffer) -> None:
    """Fix the rule for good and let the offer begin on its day.

    OfferRuleError (data: fields) where the rule makes no sense, its time is over, or a later
    version was launched; IllegalTransitionError unless it is a draft.
    """
    offer.refresh_from_db()
    _require_sense(offer)
    _fix_figures(offer)
    _move(offer, State.SCHEDULED)
    if offer.starts_at <= now():
        _begin(offer)


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


@transact()
def change_budget(offer: BankOffer, *, budget_minor: int | None) -> None:
    """Give an offer another budget (fen; None: without bounds), the one figure that may change.

    BudgetTooSmallError (data: given_minor) below what is reserved and used; OfferRuleError where an
    offer drawn by lot would have none; IllegalTransitionError once it has ended.
    """
    if budget_minor is None and offer.benefit_kind == BankOffer.BenefitKind.RANDOM:
        raise OfferRuleError(fields={"budget_minor": _("What is drawn by lot needs a budget.")})
    rows = BankOffer.objects.filter(pk=offer.pk).exclude(state=State.ENDED)
    if budget_minor is not None and offer.decided_by == BankOffer.DecidedBy.SHOP:
        given = F("reserved_minor") + F("used_minor")
        rows = rows.annotate(given_minor=given).filter(given_minor__lte=budget_minor)
    changed = rows.update(budget_minor=budget_minor, changed_at=now())
    offer.refresh_from_db()
    if not changed:
        if offer.state == State.ENDED:
            raise IllegalTransitionError(to=offer.state)
        raise BudgetTooSmallError(given_minor=offer.reserved_minor + offer.used_minor)
    _exhaust_and_refill(limit=100)
    offer.refresh_from_db()


def new_version(offer: BankOffer) -> BankOffer:
    """Copy a launched offer's rule into a draft, to be changed and launched in its place.

    When the new version begins, the earlier ones end. What residents, cards and devices have had
    counts on; budget and numbers for everybody begin anew.
    """
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
    offers = BankOffer.objects.order_by("pk")
    late = offers.filter(state__in=LAUNCHED, ends_at__lte=at)[:limit]
    due = offers.filter(state=State.SCHEDULED, starts_at__lte=at, ends_at__gt=at)[:limit]
    return {
        "ended": sum(_moved(offer, State.ENDED) for offer in late),
        "begun": sum(_begin(offer) for offer in due),
        **_exhaust_and_refill(limit),
    }


ACTIONS: Final[dict[str, Callable[[BankOffer], object]]] = {
    "launch": launch,
    "pause": pause,
    "resume": resume,
    "end": end,
    "new_version": new_version,
}


def _exhaust_and_refill(limit: int) -> dict[str, int]:
    offers = BankOffer.objects.order_by("pk")
    gone: QuerySet[BankOffer] = offers.filter(_IS_GONE, state=State.ACTIVE)
    back: QuerySet[BankOffer] = offers.exclude(_IS_GONE).filter(state=State.EXHAUSTED)
    return {
        "exhausted": sum(_moved(offer, State.EXHAUSTED) for offer in gone[:limit]),
        "refilled": sum(_moved(offer, State.ACTIVE) for offer in back[:limit]),
    }


@transact()
def _begin(offer: BankOffer) -> bool:
    """Let an offer begin and its earlier versions end: of one code only one gives at a time."""
    earlier = BankOffer.objects.filter(
        code=offer.code, version__lt=offer.version, state__in=LAUNCHED
    )
    for each in earlier.order_by("pk"):
        _moved(each, State.ENDED)
    return _moved(offer, State.ACTIVE)


def _require_sense(offer: BankOffer) -> None:
    errors = {field: str(sentence) for field, sentence in rule_errors(offer).items()}
    if offer.ends_at <= now():
        errors["ends_at"] = _("This time is over.")
    later = BankOffer.objects.filter(code=offer.code, version__gt=offer.version)
    if later.filter(state__in=LAUNCHED).exists():
        errors["version"] = _("A later version of this offer was launched.")
    if errors:
        raise OfferRuleError(fields=errors)


def _fix_figures(offer: BankOffer) -> None:
    settle(offer)
    BankOffer.objects.filter(pk=offer.pk, state=State.DRAFT).update(
        threshold_minor=offer.threshold_minor,
        discount_minor=offer.discount_minor,
        most_minor=offer.most_minor,
        steps=offer.steps,
    )


def _moved(offer: BankOffer, to: str) -> bool:
    return advance(
        offer, BankOffer.EDGES, to, came_from=[offer.state], field="state", changed_at=now()
    )


def _move(offer: BankOffer, to: str) -> None:
    if to not in BankOffer.EDGES[offer.state] or not _moved(offer, to):
        raise IllegalTransitionError(to=to)
