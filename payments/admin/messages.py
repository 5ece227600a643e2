"""Messages in the admin: what acquirers sent and said, and what we told the floors above."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from payments.admin.paper import BLUE, GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import facts_table, outcome_word
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.models import ChannelFact, Notification, OutboxDelivery, OutboxEvent

_SHOWN_BYTES = 4096


def as_text(raw: bytes | memoryview) -> str:
    """Show the beginning of raw bytes, whatever they are."""
    return bytes(raw)[:_SHOWN_BYTES].decode("utf-8", errors="replace") or NOTHING


def as_json(data: Any) -> Any:
    """Show data with its structure."""
    text = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True)
    return format_html('<pre class="overflow-x-auto whitespace-pre-wrap">{}</pre>', text)


@admin.register(Notification)
class NotificationAdmin(PaperAdmin):
    """The inbox: every message byte for byte, and what came of it."""

    list_display = (
        "event",
        "account_code",
        "status_label",
        "copies",
        "reject_reason",
        "received_at",
        "applied_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        "account_code",
        "reject_reason",
        ("received_at", RangeDateTimeFilter),
    )
    search_fields = ("event_id", "digest", "facts__own_no")
    search_help_text = _("The acquirer's event, or one of our numbers")
    date_hierarchy = "received_at"
    fieldsets = (
        (
            _("Where it stands"),
            {"fields": (("status", "copies"), ("reject_reason", "error"))},
        ),
        (
            _("The message"),
            {
                "fields": (
                    ("account_code", "account_version"),
                    ("event_id", "key_serial"),
                    ("method", "path"),
                    "headers_shown",
                    "body_shown",
                    "digest",
                )
            },
        ),
        (
            _("When"),
            {"fields": (("received_at", "last_received_at"), ("judged_at", "applied_at"))},
        ),
    )

    @display(description=_("event"), ordering="event_id")
    def event(self, notice: Notification) -> str:
        """Show the acquirer's event, or the beginning of the digest."""
        return notice.event_id or notice.digest[:12]

    @display(
        description=_("status"),
        ordering="status",
        label={"received": BLUE, "verified": BLUE, "applied": GREEN, "rejected": RED},
    )
    def status_label(self, notice: Notification) -> tuple[str, str]:
        """Show the state in colour."""
        return notice.status, notice.get_status_display()

    @display(description=_("headers"))
    def headers_shown(self, notice: Notification) -> Any:
        """Show the headers that were kept."""
        return as_json(notice.headers)

    @display(description=_("body"))
    def body_shown(self, notice: Notification) -> str:
        """Show the beginning of the body."""
        return as_text(notice.body)

    def papers(self, notice: Notification) -> list[Table]:
        """Return what it said and whom it is about."""
        facts = list(
            notice.facts.select_related(
                "notification", "payment", "refund", "transfer", "agreement"
            ).order_by("pk")
        )
        about = table(
            _("What it is about"),
            (_("our number"), _("page")),
            ([fact.own_no, link_to(_subject(fact))] for fact in facts),
        )
        return [about, facts_table(facts)]


def _subject(fact: ChannelFact) -> Any:
    return fact.payment or fact.refund or fact.transfer or fact.agreement


@admin.register(ChannelFact)
class ChannelFactAdmin(PaperAdmin):
    """The evidence: every authentic thing an acquirer said."""

    list_display = (
        "own_no",
        "source",
        "outcome_shown",
        "amount",
        "verdict_label",
        "edge",
        "account",
        "at",
    )
    list_filter = (
        ("source", ChoicesDropdownFilter),
        ("verdict", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("at", RangeDateTimeFilter),
    )
    search_fields = ("own_no", "acquirer_no")
    search_help_text = _("One of our numbers, or the acquirer's number")
    date_hierarchy = "at"
    beside = ("account", "notification", "payment", "refund", "transfer", "agreement")
    fieldsets = (
        (_("What we made of it"), {"fields": (("verdict", "edge"), ("about", "notice"))}),
        (
            _("What it said"),
            {
                "fields": (
                    ("own_no", "acquirer_no"),
                    ("source", "outcome_shown"),
                    ("amount", "merchant_id"),
                    ("account", "at"),
                    "payload_shown",
                )
            },
        ),
    )

    @display(description=_("outcome"), ordering="outcome")
    def outcome_shown(self, fact: ChannelFact) -> str:
        """Show the outcome in words."""
        return outcome_word(fact.outcome)

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, fact: ChannelFact) -> str:
        """Show the amount it named."""
        return yuan(fact.amount_minor, fact.currency or "CNY")

    @display(
        description=_("verdict"),
        ordering="verdict",
        label={"applied": GREEN, "repeated": BLUE, "mismatched": RED, "orphaned": ORANGE},
    )
    def verdict_label(self, fact: ChannelFact) -> tuple[str, str]:
        """Show the verdict in colour."""
        return fact.verdict, fact.get_verdict_display()

    @display(description=_("about"))
    def about(self, fact: ChannelFact) -> Any:
        """Link to the payment, refund, transfer or card."""
        return link_to(_subject(fact))

    @display(description=_("notification"))
    def notice(self, fact: ChannelFact) -> Any:
        """Link to the message that carried it."""
        return link_to(fact.notification)

    @display(description=_("in its own words"))
    def payload_shown(self, fact: ChannelFact) -> Any:
        """Show what it said, redacted as it is stored."""
        return as_json(fact.payload)


@admin.register(OutboxEvent)
class OutboxEventAdmin(PaperAdmin):
    """Facts told to the floors above."""

    list_display = ("key", "fact", "aggregate", "waiting", "published_at")
    list_filter = ("fact", ("published_at", RangeDateTimeFilter))
    search_fields = ("key", "aggregate")
    search_help_text = _("Key or number")
    date_hierarchy = "published_at"
    fieldsets = (
        (None, {"fields": (("fact", "key"), ("aggregate", "published_at"), "payload_shown")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxEvent]:
        """Count who has not heard it yet."""
        pending = Count("deliveries", filter=~Q(deliveries__status=OutboxDelivery.Status.DONE))
        return super().get_queryset(request).annotate(pending_count=pending)

    @display(description=_("not delivered yet"), ordering="pending_count")
    def waiting(self, event: Any) -> int:
        """Show how many listeners have not heard it."""
        return int(event.pending_count)

    @display(description=_("payload"))
    def payload_shown(self, event: OutboxEvent) -> Any:
        """Show what is told."""
        return as_json(event.payload)

    def papers(self, event: OutboxEvent) -> list[Table]:
        """Return who heard it when."""
        headers = (_("listener"), _("status"), _("tries"), _("delivered at"), _("what went wrong"))
        rows = (
            [d.consumer, d.get_status_display(), d.tries, clock(d.done_at), d.error or NOTHING]
            for d in event.deliveries.order_by("pk")
        )
        return [table(_("Deliveries"), headers, rows)]


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(PaperAdmin):
    """Who has heard what; what is given up needs a person."""

    list_display = ("fact", "consumer", "status_label", "tries", "available_at", "done_at", "error")
    list_filter = (("status", ChoicesDropdownFilter), "consumer")
    search_fields = ("event__key", "aggregate")
    search_help_text = _("Key or number")
    beside = ("event",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("fact", "consumer"),
                    ("status", "tries"),
                    ("available_at", "done_at"),
                    "error",
                )
            },
        ),
    )

    @display(description=_("fact"), ordering="event__key")
    def fact(self, delivery: OutboxDelivery) -> Any:
        """Link to the fact."""
        return link_to(delivery.event)

    @display(
        description=_("status"),
        ordering="status",
        label={"pending": BLUE, "done": GREEN, "dead": RED},
    )
    def status_label(self, delivery: OutboxDelivery) -> tuple[str, str]:
        """Show the state in colour."""
        return delivery.status, delivery.get_status_display()
