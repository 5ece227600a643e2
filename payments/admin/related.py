"""Tables that several pages show: journals, steps, statements, refunds, notifications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.acquiring.contract import Outcome
from payments.admin.showing import NOTHING, Table, anchor, clock, link_to, table, yuan
from payments.ledger.accounts import CHART
from payments.ledger.balances import journals_of
from payments.models import ChannelFact, Incident, JournalEntry, Notification, Refund

# A refund may be sent again by hand many times; its page shows the journals of so many.
_REFUSALS_SHOWN = 10
_OUTCOMES: Final[dict[str, Promise]] = {
    Outcome.SUCCEEDED: _("succeeded"),
    Outcome.PENDING: _("under way"),
    Outcome.REQUIRES_ACTION: pgettext_lazy("outcome", "waiting for a person"),
    Outcome.FAILED: _("failed"),
    Outcome.CLOSED: _("closed"),
    Outcome.UNKNOWN: _("unknown"),
    Outcome.NOT_FOUND: _("not found"),
    Outcome.ABNORMAL: _("the payer's account takes no money"),
}


def outcome_word(outcome: str) -> str:
    """Say what the acquirer said became of money; other words of theirs stay as they are."""
    return str(_OUTCOMES.get(outcome, outcome))


def account_name(code: str) -> str:
    """Show an account by code and name."""
    account = CHART.get(code)
    return f"{code} {account.name}" if account else code


def both_sides(entry: JournalEntry) -> tuple[str, str]:
    """Show a leg in the debit or in the credit column."""
    shown = yuan(abs(entry.amount_minor), entry.currency)
    return (shown, "") if entry.amount_minor > 0 else ("", shown)


def leg_rows(legs: Iterable[JournalEntry]) -> list[list[Any]]:
    """Show legs: account, labels, debit, credit."""
    return [
        [
            account_name(leg.account),
            leg.party or NOTHING,
            leg.reference or NOTHING,
            *both_sides(leg),
        ]
        for leg in legs
    ]


def journal_table(refs: Sequence[str]) -> Table:
    """Show the journals of these business events with their legs."""
    rows: list[list[Any]] = []
    for journal in journals_of(refs):
        for place, leg in enumerate(journal.entries.all()):
            first = [link_to(journal), str(journal.business_date)] if place == 0 else ["", ""]
            rows.append([*first, *leg_rows([leg])[0]])
    headers = (
        _("journal"),
        _("business day"),
        _("account"),
        _("party"),
        _("reference"),
        _("debit"),
        _("credit"),
    )
    return table(_("Journals"), headers, rows)


def refund_events(refund_no: str) -> list[str]:
    """Name every business event a refund can write into the books."""
    once = ("refund", "refund_ok", "refund_back", "refund_hand", "fee_back", "fee_again")
    rounds = range(1, _REFUSALS_SHOWN)
    return [
        *(f"{kind}:{refund_no}" for kind in once),
        f"refund_fail:{refund_no}",
        *(f"refund_fail:{refund_no}:{n}" for n in rounds),
        *(f"refund_retry:{refund_no}:{n}" for n in rounds),
    ]


def facts_table(facts: Iterable[ChannelFact]) -> Table:
    """Show what the acquirer said, where we heard it, and what we made of it."""
    headers = (
        _("heard at"),
        _("heard from"),
        _("outcome"),
        _("amount"),
        _("verdict"),
        _("edge"),
        _("acquirer's number"),
        _("notification"),
    )
    return table(
        _("What the acquirer said"),
        headers,
        (
            [
                link_to(fact, clock(fact.at)),
                fact.get_source_display(),
                outcome_word(fact.outcome),
                yuan(fact.amount_minor, fact.currency or "CNY"),
                fact.get_verdict_display(),
                f"#{fact.edge}" if fact.edge else NOTHING,
                fact.acquirer_no or NOTHING,
                link_to(fact.notification),
            ]
            for fact in facts
        ),
    )


def refunds_table(refunds: Iterable[Refund]) -> Table:
    """Show refunds with their state."""
    headers = (_("refund number"), _("status"), _("stage"), _("to the payer"), _("reason"), _("at"))
    return table(
        _("Refunds"),
        headers,
        (
            [
                link_to(refund),
                refund.get_status_display(),
                refund.get_stage_display(),
                yuan(refund.resident_minor, refund.currency),
                refund.reason,
                clock(refund.created_at),
            ]
            for refund in refunds
        ),
    )


def notifications_table(notifications: Iterable[Notification]) -> Table:
    """Show messages of the acquirer."""
    headers = (
        pgettext_lazy("message", "received"),
        _("event"),
        _("status"),
        _("times received"),
        _("why not"),
    )
    return table(
        pgettext_lazy("of the acquirer", "Notifications"),
        headers,
        (
            [
                link_to(notice, clock(notice.received_at)),
                notice.event_id or NOTHING,
                notice.get_status_display(),
                notice.copies,
                notice.reject_reason or notice.error or NOTHING,
            ]
            for notice in notifications
        ),
    )


def incidents_table(incidents: Iterable[Incident]) -> Table:
    """Show what a person had to look at."""
    headers = (_("noticed"), _("kind"), _("settled"), _("note"))
    return table(
        _("Incidents"),
        headers,
        (
            [
                link_to(incident, clock(incident.created_at)),
                incident.get_kind_display(),
                clock(incident.resolved_at),
                incident.note or NOTHING,
            ]
            for incident in incidents
        ),
    )


__all__ = [
    "account_name",
    "anchor",
    "both_sides",
    "facts_table",
    "incidents_table",
    "journal_table",
    "leg_rows",
    "notifications_table",
    "refund_events",
    "refunds_table",
]
