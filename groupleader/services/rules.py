"""Commission rules: written, agreed to by a second person where it matters, ended; never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from groupleader.errors import SecondPersonNeededError
from groupleader.models import CommissionRule, RuleEvent
from groupleader.services.commissions import RuleScope
from payments.api import IllegalTransitionError, LinliError, advance, now, transact

log = structlog.get_logger(__name__)
Status = CommissionRule.Status
What = RuleEvent.What


class RuleInThePastError(LinliError):
    """Orders that were placed keep what they were placed under."""

    code = "rule_in_the_past"
    http_status = 422
    message = _("A rule begins now or later: orders placed before keep their terms.")


class RuleOverError(LinliError):
    """It was ended, refused or superseded already."""

    code = "rule_over"
    message = _("This rule is over already.")


class GeneralRateStaysError(LinliError):
    """There is always a general rate; another one takes its place."""

    code = "general_rate_stays"
    message = _("The general rate is not ended: write another one, it takes over when it begins.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWish:
    """What somebody wants a rule to say: a rate (0.1 is 10 %) or fen per piece, for whom, when."""

    scope: str
    target: str
    target_name: str = ""
    rate: Decimal | None = None
    fixed_minor: int | None = None
    valid_from: datetime
    valid_until: datetime | None = None
    note: str = ""

    @property
    def needs_second(self) -> bool:
        """Tell whether a second person has to agree: for everybody, or much."""
        return (
            self.scope == RuleScope.DEFAULT
            or (self.rate or 0) > settings.LINLI_RULE_FOUR_EYES_RATE
            or (self.fixed_minor or 0) > settings.LINLI_RULE_FOUR_EYES_FIXED_MINOR
        )


@transact()
def write_rule(wish: RuleWish, *, by: Any) -> CommissionRule:
    """Write a rule down: it counts from its first moment, or waits for a second person.

    RuleInThePastError where it would begin before now.
    """
    if wish.valid_from < now().replace(second=0, microsecond=0):
        raise RuleInThePastError
    rule = CommissionRule.objects.create(
        scope=wish.scope,
        target=wish.target,
        target_name=wish.target_name[:120],
        rate=wish.rate,
        fixed_minor=wish.fixed_minor,
        valid_from=wish.valid_from,
        valid_until=wish.valid_until,
        note=wish.note[:200],
        status=Status.WAITING if wish.needs_second else Status.AGREED,
        needs_second=wish.needs_second,
        proposed_by=by,
    )
    _record(rule, What.WRITTEN, by=by, note=wish.note)
    log.info("commission_rule.written", rule=rule.pk, needs_second=rule.needs_second)
    return rule


@transact()
def agree_to_rule(*, rule: CommissionRule, by: Any) -> None:
    """A second person lets a rule count; from now on at the earliest.

    SecondPersonNeededError for whoever wrote it, RuleOverError unless it waits or when its time is
    over.
    """
    if by.pk == rule.proposed_by_id:
        raise SecondPersonNeededError(_("You wrote this rule; a second person has to agree to it."))
    at = now()
    begins = max(rule.valid_from, at)
    if rule.valid_until is not None and rule.valid_until <= begins:
        raise RuleOverError
    _decide(rule, Status.AGREED, by=by, valid_from=begins)
    _record(rule, What.AGREED, by=by)


@transact()
def refuse_rule(*, rule: CommissionRule, by: Any, reason: str = "") -> None:
    """Let a rule not count: a second person says no, or whoever wrote it takes it back."""
    _decide(rule, Status.REFUSED, by=by)
    _record(rule, What.REFUSED, by=by, note=reason)


@transact()
def end_rule(*, rule: CommissionRule, by: Any, reason: str = "") -> None:
    """End a rule now; lines placed under it keep it. One that has not begun never counts.

    GeneralRateStaysError for a general rate in force, RuleOverError where it is over.
    """
    at = now()
    if rule.scope == RuleScope.DEFAULT and rule.valid_from <= at:
        raise GeneralRateStaysError
    row = CommissionRule.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), pk=rule.pk, status=Status.AGREED
    )
    if rule.valid_from >= at:
        _decide(rule, Status.REFUSED, by=by)
    elif not row.update(valid_until=at):
        raise RuleOverError
    rule.refresh_from_db()
    _record(rule, What.ENDED, by=by, note=reason)


def overlapping(wish: RuleWish) -> QuerySet[CommissionRule]:
    """Return the agreed rules that say something about the same at the same time."""
    rules = CommissionRule.objects.filter(scope=wish.scope, target=wish.target).exclude(
        status=Status.REFUSED
    )
    rules = rules.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=wish.valid_from))
    if wish.valid_until is not None:
        rules = rules.filter(valid_from__lt=wish.valid_until)
    return rules.order_by("-valid_from", "-pk")


def narrower_count(wish: RuleWish) -> int:
    """Return how many agreed rules in force then decide before this one where they fit."""
    order = [scope.value for scope in RuleScope]
    narrower = order[: order.index(wish.scope)]
    rules = CommissionRule.objects.filter(scope__in=narrower, status=Status.AGREED)
    return rules.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=wish.valid_from)).count()


def _decide(rule: CommissionRule, to: str, *, by: Any, **changes: Any) -> None:
    try:
        moved = advance(rule, CommissionRule.EDGES, to, decided_by=by, **changes)
    except IllegalTransitionError as error:
        raise RuleOverError from error
    if not moved:
        raise RuleOverError


def _record(rule: CommissionRule, what: str, *, by: Any, note: str = "") -> None:
    RuleEvent.objects.create(rule=rule, at=now(), by=by, what=what, note=note[:200])
