"""Splits in the admin: who got which share, what came back, what we advanced, the journals."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from payments.admin.desk import Question, decisions_table, steps_table, who
from payments.admin.errands import WHEN, ErrandAdmin
from payments.admin.paper import GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import facts_table, incidents_table, journal_table
from payments.admin.showing import NOTHING, Table, link_to, table, yuan
from payments.models import Incident, Split, SplitReceiver, SplitReturn
from payments.services.proposals import propose_repaid
from payments.services.share_sending import retry_return

_RETURN_EVENTS = ("split_back", "split_advance", "split_repaid")


@admin.register(Split)
class SplitAdmin(ErrandAdmin):
    """Payments shared out among receivers by the acquirer."""

    list_display = (
        "split_no",
        "payment_link",
        "reference",
        "status_label",
        "shared",
        "rest",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("finish", ChoicesDropdownFilter),
        ("payment__account", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = (
        "split_no",
        "reference",
        "payment__payment_no",
        "acquirer_split_no",
        "shares__receiver",
        "shares__share_no",
    )
    search_help_text = _("Split number, payment number, order number or a receiver")
    beside = ("payment",)
    fieldsets = (
        (_("Where it stands"), {"fields": (("status", "shared"), ("rest", "trouble"))}),
        (
            _("What for"),
            {"fields": (("split_no", "payment_link"), ("reference", "acquirer_split_no"))},
        ),
        WHEN,
    )

    @display(description=_("payment"), ordering="payment__payment_no")
    def payment_link(self, split: Split) -> Any:
        """Link to the payment."""
        return link_to(split.payment)

    @display(description=_("shared out"), ordering="amount_minor")
    def shared(self, split: Split) -> str:
        """Show what all receivers get together."""
        return yuan(split.amount_minor, split.currency)

    @display(description=_("rest"), ordering="finish")
    def rest(self, split: Split) -> str:
        """Show whether the rest was released."""
        return split.get_finish_display()

    def papers(self, split: Split) -> list[Table]:
        """Return the shares, what came back, the steps, the statements, journals and incidents."""
        shares = list(split.shares.order_by("pk"))
        returns = list(
            SplitReturn.objects.filter(share__split=split)
            .select_related("share", "refund")
            .order_by("pk")
        )
        numbers = [split.split_no, *(found.return_no for found in returns)]
        refs = [f"split:{share.share_no}" for share in shares]
        refs += [f"{kind}:{found.return_no}" for found in returns for kind in _RETURN_EVENTS]
        return [
            _shares(split),
            _returns(returns),
            steps_table(split),
            facts_table(split.facts.select_related("notification").order_by("pk")),
            journal_table(refs),
            incidents_table(Incident.objects.filter(subject_no__in=numbers)),
        ]


def _shares(split: Split) -> Table:
    headers = (
        _("share number"),
        _("receiver"),
        _("whose"),
        _("amount"),
        _("taken back or to be"),
        _("status"),
        _("what went wrong"),
    )
    return table(
        _("Shares"),
        headers,
        (
            [
                share.share_no,
                share.receiver,
                f"{share.ledger['account']} {share.ledger['party']}",
                yuan(share.amount_minor, split.currency),
                yuan(share.back_committed_minor, split.currency),
                share.get_status_display(),
                share.failure_code or NOTHING,
            ]
            for share in split.shares.order_by("pk")
        ),
    )


def _returns(returns: list[SplitReturn]) -> Table:
    headers = (
        _("return number"),
        _("receiver"),
        _("amount"),
        _("status"),
        _("refund"),
        _("what went wrong"),
    )
    return table(
        _("Shares taken back"),
        headers,
        (
            [
                link_to(found),
                found.share.receiver,
                yuan(found.amount_minor, found.currency),
                found.get_status_display(),
                link_to(found.refund),
                found.failure_code or NOTHING,
            ]
            for found in returns
        ),
    )


@admin.register(SplitReturn)
class SplitReturnAdmin(ErrandAdmin):
    """Shares on their way back, and those we advanced for their receivers."""

    list_display = (
        "return_no",
        "receiver",
        "refund_link",
        "status_label",
        "taken_back",
        "advanced",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("advanced_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("return_no", "share__share_no", "share__receiver", "refund__refund_no")
    search_help_text = _("Return number, share number, refund number or a receiver")
    beside = ("share__split", "refund")
    actions_detail = ("retry", "repaid")
    fieldsets = (
        (_("Where it stands"), {"fields": (("status", "taken_back"), ("advanced", "trouble"))}),
        (
            _("What for"),
            {
                "fields": (
                    ("return_no", "receiver"),
                    ("split_link", "refund_link"),
                    "acquirer_return_no",
                )
            },
        ),
        WHEN,
    )

    @display(description=_("receiver"), ordering="share__receiver")
    def receiver(self, found: SplitReturn) -> str:
        """Show whose share it is."""
        return found.share.receiver

    @display(description=_("split"))
    def split_link(self, found: SplitReturn) -> Any:
        """Link to the split."""
        return link_to(found.share.split)

    @display(description=_("refund"))
    def refund_link(self, found: SplitReturn) -> Any:
        """Link to the refund that waits for it."""
        return link_to(found.refund)

    @display(description=_("amount"), ordering="amount_minor")
    def taken_back(self, found: SplitReturn) -> str:
        """Show how much comes back."""
        return yuan(found.amount_minor, found.currency)

    @display(description=_("advanced by us"), boolean=True, ordering="advanced_at")
    def advanced(self, found: SplitReturn) -> bool:
        """Show whether we paid it for the receiver."""
        return found.advanced_at is not None

    def papers(self, found: SplitReturn) -> list[Table]:
        """Return the steps, the statements, the journals, decisions and incidents."""
        number = found.return_no
        return [
            steps_table(found),
            facts_table(found.facts.select_related("notification").order_by("pk")),
            journal_table([f"{kind}:{number}" for kind in _RETURN_EVENTS]),
            decisions_table(number),
            incidents_table(Incident.objects.filter(subject_no=number)),
        ]

    def has_retry_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may ask again for a share that was not returned."""
        refused = SplitReturn.objects.filter(pk=object_id, status=SplitReturn.Status.FAILED)
        return request.user.has_perm("payments.retry_splitreturn") and refused.exists()

    def has_repaid_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may propose say that the receiver repaid us."""
        advanced = SplitReturn.objects.filter(
            pk=object_id, status=SplitReturn.Status.FAILED, advanced_at__isnull=False
        )
        return request.user.has_perm("payments.propose_decision") and advanced.exists()

    @action(description=_("Ask again"), url_path="retry", permissions=["retry"], icon="replay")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the acquirer again for the share, under the same number."""
        found = get_object_or_404(SplitReturn, pk=object_id)
        question = Question(
            question=_("The acquirer is asked again, under the same number."),
            button=_("Ask again"),
            done=_("The return is on its way again."),
        )
        number = found.return_no
        return self.ask(
            request, found, question, act=lambda _why, _what: retry_return(number, by=who(request))
        )

    @action(
        description=_("Receiver repaid us"),
        url_path="repaid",
        permissions=["repaid"],
        icon="payments",
    )
    def repaid(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose that the receiver repaid what we advanced."""
        found = get_object_or_404(SplitReturn, pk=object_id)
        question = Question(
            question=_("The receiver paid this to our bank account. A second person confirms."),
            button=_("Propose"),
            done=_("Proposed. A second person decides under Decisions."),
            asks_reason=True,
        )
        number = found.return_no
        return self.ask(
            request,
            found,
            question,
            act=lambda why, _what: propose_repaid(number, reason=why, by=who(request)),
        )


@admin.register(SplitReceiver)
class SplitReceiverAdmin(PaperAdmin):
    """Who may receive shares."""

    list_display = ("receiver", "account_code", "name", "kind", "status_label", "created_at")
    list_filter = (("status", ChoicesDropdownFilter), "account_code")
    search_fields = ("receiver", "name")
    search_help_text = _("Receiver's account or name")

    @display(
        description=_("status"),
        ordering="status",
        label={"created": ORANGE, "active": GREEN, "removed": RED},
    )
    def status_label(self, row: SplitReceiver) -> tuple[str, str]:
        """Show the state in colour."""
        return row.status, row.get_status_display()
