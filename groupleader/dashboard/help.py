"""Leaders that need help: why, and where to look; reasons are figures, never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from groupleader.dashboard.figures import Row, show
from groupleader.models import Leader, SettlementStatement
from mall.api import last_groups
from payments.api import business_date, now

Statement = SettlementStatement.Status
# A figure of a few orders says nothing about anybody.
_ENOUGH: Final = 5
_SHARE: Final = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a leader needs help: a code, a sentence with the figure, where to look."""

    code: str
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Needy:
    """A leader and every reason, the gravest kinds first."""

    leader: Leader
    reasons: Sequence[Reason]


def in_need(rows: Sequence[Row]) -> list[Needy]:
    """Return the leaders that need help, most reasons first; four queries for all."""
    told: defaultdict[int, list[Reason]] = defaultdict(list)
    leaders = {row.leader.pk: row.leader for row in rows}
    _money(told)
    seen = last_groups()
    payees = set(_without_payee(list(leaders)))
    for row in rows:
        told[row.leader.pk] += _of_figures(row)
        if row.leader.status == Leader.Status.ACTIVE:
            told[row.leader.pk] += _quiet(row.leader, seen)
        if row.leader.pk in payees:
            page = _page_of(row.leader)
            text = _("Money is waiting and there is no account to pay it to.")
            told[row.leader.pk].append(Reason(code="no_payee", text=text, url=page))
    names = {**leaders, **_others(set(told) - set(leaders))}
    needy = [Needy(leader=names[pk], reasons=why) for pk, why in told.items() if why]
    return sorted(needy, key=lambda one: (-len(one.reasons), one.leader.name))


def _of_figures(row: Row) -> list[Reason]:
    """Return what the figures say against the limits of the settings."""
    told = []
    now_, then = row.now, row.then
    fell = 1 - now_.goods_minor / then.goods_minor if then.goods_minor else 0
    if then.orders >= _ENOUGH and fell >= settings.LINLI_HELP_SALES_FELL:
        text = _("Sales fell by %(share)s against the period before.")
        told.append(_reason("sales_fell", text, share=fell, url=_page_of(row.leader)))
    rate = now_.complaint_rate
    if now_.collected >= _ENOUGH and rate is not None and rate >= settings.LINLI_HELP_COMPLAINTS:
        text = _("%(share)s of the collected orders were complained about.")
        page = _list("aftersales_aftersalescase", leader__id__exact=row.leader.user_id)
        told.append(_reason("complaints", text, share=rate, url=page))
    lying = now_.on_time_rate
    if now_.left_lying and lying is not None and 1 - lying >= settings.LINLI_HELP_LEFT_LYING:
        text = _("%(share)s of the orders were not collected in time.")
        told.append(_reason("left_lying", text, share=1 - lying, url=_page_of(row.leader)))
    return told


def _reason(code: str, text: str, *, share: float, url: str) -> Reason:
    return Reason(code=code, text=text % {"share": show(share, _SHARE)}, url=url)


def _page_of(leader: Leader) -> str:
    return reverse("admin:groupleader_leader_change", args=[leader.pk])


def _quiet(leader: Leader, seen: Mapping[int, datetime]) -> list[Reason]:
    days_max, last = settings.LINLI_HELP_QUIET_DAYS, seen.get(leader.user_id)
    page = _page_of(leader)
    if last is None:
        if leader.created_at > now() - timedelta(days=days_max):
            return []
        return [Reason(code="no_group", text=_("Has not opened a group yet."), url=page)]
    days = (business_date() - business_date(last)).days
    if days < days_max:
        return []
    text = _("No group for %(days)d days.") % {"days": days}
    return [Reason(code="no_group", text=text, url=page)]


def _money(told: defaultdict[int, list[Reason]]) -> None:
    """Add failed payouts and disputed statements; one query."""
    words = {
        Statement.FAILED: ("payout_failed", _("The payout of statement %(number)s failed.")),
        Statement.DISPUTED: ("disputed", _("Statement %(number)s is disputed.")),
    }
    rows = SettlementStatement.objects.filter(status__in=list(words), leader__isnull=False)
    for pk, leader_id, number, status in rows.values_list(
        "pk", "leader_id", "statement_no", "status"
    ):
        code, text = words[Statement(status)]
        page = reverse("admin:groupleader_settlementstatement_change", args=[pk])
        told[leader_id].append(Reason(code=code, text=text % {"number": number}, url=page))


def _without_payee(leader_ids: Sequence[int]) -> list[int]:
    """Return the leaders with a statement to be paid and no account."""
    waiting = (Statement.ISSUED, Statement.CONFIRMED, Statement.APPROVED, Statement.FAILED)
    rows = Leader.objects.filter(payee_account_sealed="", statements__status__in=waiting)
    return list(rows.filter(pk__in=leader_ids).distinct().values_list("pk", flat=True))


def _others(pks: set[int]) -> dict[int, Leader]:
    return Leader.objects.in_bulk(pks) if pks else {}


def _list(model: str, **filters: object) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(filters)}"
