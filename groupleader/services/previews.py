"""A rule tried on past lines before it is written: what leaders would have earned, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import structlog
from django.db.models import QuerySet

from groupleader.models import CommissionTerms, Leader, RulePreview
from groupleader.services.commissions import (
    LineFacts,
    Rule,
    RuleScope,
    compute_commission,
    rank_of,
    reduction,
)
from groupleader.services.rules import RuleWish
from payments.api import advance, business_date, day_bounds, now

log = structlog.get_logger(__name__)
State = RulePreview.State
# So many lines are tried while the person waits; more are the worker's.
AT_ONCE: Final = 20_000
TOP: Final = 50
_CHUNK: Final = 2_000
_TELL_EVERY: Final = 5_000
# A run whose worker died is taken up again.
_DEAD_AFTER: Final = timedelta(minutes=15)
_FIELDS: Final = (
    "leader_id",
    "item_ref",
    "category_refs",
    "leader__tier",
    "quantity",
    "base_minor",
    "returned_minor",
    "rate",
    "fixed_minor",
    "scope",
    "rule__target",
    "withheld",
)


@dataclass(slots=True)
class Tally:
    """Lines and fen: what was earned on them, and what would have been."""

    lines: int = 0
    changed: int = 0
    was_minor: int = 0
    would_minor: int = 0

    def add(self, was: int, would: int) -> None:
        """Count a line."""
        self.lines += 1
        self.changed += was != would
        self.was_minor += was
        self.would_minor += would

    def told(self) -> dict[str, int]:
        """Return it as it is kept."""
        return {
            "lines": self.lines,
            "changed": self.changed,
            "was_minor": self.was_minor,
            "would_minor": self.would_minor,
        }


@dataclass(slots=True)
class Trial:
    """A rule over a stream of lines; keeps a tally per leader and no line."""

    rule: Rule
    whole: Tally = field(default_factory=Tally)
    decides: Tally = field(default_factory=Tally)
    leaders: dict[int, Tally] = field(default_factory=dict)

    def run(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[int]:
        """Try the rule on each line; yields how many were tried so far."""
        for number, row in enumerate(rows, start=1):
            self._try(row)
            yield number

    def _try(self, row: tuple[Any, ...]) -> None:
        leader_id, item, categories, tier, quantity, base, returned, *said = row
        rate, fixed, scope, target, withheld = said
        line = LineFacts(item=item, categories=categories, leader=str(leader_id), tier=tier)
        was = would = 0
        is_decided = False
        if not withheld:
            was = _kept(base, quantity, returned, rate=rate, fixed=fixed)
            would = was
            is_decided = self._decides(line, scope=scope, target=target or "", rate=rate)
        if is_decided:
            would = _kept(
                base, quantity, returned, rate=self.rule.rate, fixed=self.rule.fixed_minor
            )
            self.decides.add(was, would)
        self.whole.add(was, would)
        self.leaders.setdefault(leader_id, Tally()).add(was, would)

    def _decides(self, line: LineFacts, *, scope: str, target: str, rate: Decimal | None) -> bool:
        """Tell whether the rule goes before the one the line was placed under; a newer one does."""
        if not line.fits(self.rule):
            return False
        decided = Rule(
            scope=RuleScope(scope),
            target=target,
            rate=rate,
            fixed_minor=0 if rate is None else None,
        )
        is_known = decided.scope is not RuleScope.CATEGORY or target in line.categories
        return not is_known or rank_of(self.rule, line) <= rank_of(decided, line)

    def told(self) -> dict[str, Any]:
        """Return what was found as it is kept (fen): in all, and the leaders it changes most."""
        changed = [(pk, tally) for pk, tally in self.leaders.items() if tally.changed]
        changed.sort(key=lambda one: -abs(one[1].would_minor - one[1].was_minor))
        return {
            "whole": self.whole.told(),
            "decides": self.decides.told(),
            "leaders_seen": len(self.leaders),
            "leaders_changed": len(changed),
            "leaders": [{"leader": pk, **tally.told()} for pk, tally in changed[:TOP]],
        }


def ask(wish: RuleWish, *, first: date, last: date, by: Any) -> RulePreview:
    """Try a rule on the lines placed on some days; a short trial is done when this returns."""
    preview = RulePreview.objects.create(
        scope=wish.scope,
        target=wish.target,
        target_name=wish.target_name[:120],
        rate=wish.rate,
        fixed_minor=wish.fixed_minor,
        first_day=first,
        last_day=last,
        whole=lines_of(first, last).count(),
        asked_by=by,
        asked_at=now(),
    )
    if preview.whole <= AT_ONCE:
        run(preview)
    return preview


def last_month() -> tuple[date, date]:
    """Return the first and last day of the month before this one."""
    last = business_date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def lines_of(first: date, last: date) -> QuerySet[CommissionTerms]:
    """Return the leaders' own rows of lines placed on some Shanghai days."""
    begin, end = day_bounds(first)[0], day_bounds(last)[1]
    return CommissionTerms.objects.filter(
        part=CommissionTerms.Part.LEADER, placed_at__gte=begin, placed_at__lt=end
    )


def run_due(limit: int) -> dict[str, int]:
    """Run the previews that wait, and those whose worker died; a job."""
    dead = RulePreview.objects.filter(state=State.RUNNING, began_at__lt=now() - _DEAD_AFTER)
    dead.update(state=State.WAITING)
    waiting = RulePreview.objects.filter(state=State.WAITING).order_by("pk")
    return {"previewed": sum(run(preview) for preview in waiting[:limit])}


def run(preview: RulePreview) -> bool:
    """Run it, if nobody else does; say whether this call did."""
    if not advance(preview, RulePreview.EDGES, State.RUNNING, field="state", began_at=now()):
        return False
    try:
        found = _count(preview)
    except Exception:
        log.exception("rule_preview.failed", preview=preview.pk)
        advance(preview, RulePreview.EDGES, State.FAILED, field="state", ended_at=now())
        return True
    changes = {"result": found, "ended_at": now(), "seen": found["whole"]["lines"]}
    advance(preview, RulePreview.EDGES, State.DONE, field="state", **changes)
    return True


def _count(preview: RulePreview) -> dict[str, Any]:
    trial = Trial(
        rule=Rule(
            scope=RuleScope(preview.scope),
            target=preview.target,
            rate=preview.rate,
            fixed_minor=preview.fixed_minor,
        )
    )
    rows = lines_of(preview.first_day, preview.last_day).order_by("pk").values_list(*_FIELDS)
    mine = RulePreview.objects.filter(pk=preview.pk)
    for seen in trial.run(rows.iterator(chunk_size=_CHUNK)):
        if seen % _TELL_EVERY == 0:
            mine.update(seen=seen)
    found = trial.told()
    names = dict(
        Leader.objects.filter(pk__in=[row["leader"] for row in found["leaders"]]).values_list(
            "pk", "name"
        )
    )
    for row in found["leaders"]:
        row["name"] = names[row["leader"]]
    return found


def _kept(
    base: int, quantity: int, returned: int, *, rate: Decimal | None, fixed: int | None
) -> int:
    """Return what a line earns under a rate, less what refunds have taken of it since."""
    whole = compute_commission(base_minor=base, quantity=quantity, rate=rate, fixed_minor=fixed)
    back = reduction(commission_minor=whole, base_minor=base, returned_minor=0, now_minor=returned)
    return whole - back
