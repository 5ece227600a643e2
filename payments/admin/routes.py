"""Routing rules, written by staff, and the circuits of accounts, written by what happens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from payments.admin.account_forms import RuleForm
from payments.admin.acquirers import CIRCUIT_COLOURS
from payments.admin.paper import PaperAdmin
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.models import AcquirerAccount, AcquirerHealth, Incident, RoutingRule
from payments.services.health import put_back, take_out
from payments.services.health_history import Hour, last_hours

_BAR_PIXELS = 40


@admin.register(RoutingRule)
class RoutingRuleAdmin(ModelAdmin):
    """Which payments go to which account; the smallest priority is asked first."""

    form = RuleForm
    list_display = (
        "priority",
        "account_code",
        "scene",
        "issuer_code",
        "card_kind",
        "seller_ref",
        "amounts",
        "is_alone",
        "is_active",
        "note",
    )
    list_display_links = ("priority", "account_code")
    list_filter = ("is_active", "account_code", "scene")
    search_fields = ("account_code", "note", "seller_ref")
    list_fullwidth = True

    @display(description=_("amount"))
    def amounts(self, rule: RoutingRule) -> str:
        """Show the range of amounts."""
        low, high = rule.amount_from_minor, rule.amount_to_minor
        if low is None and high is None:
            return NOTHING
        return f"{yuan(low)} … {yuan(high)}"

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: RoutingRule,
        form: ModelForm,  # type: ignore[type-arg]
        change: bool,  # noqa: FBT001
    ) -> None:
        """Write down who changed it."""
        obj.changed_by = request.user.get_username()[:64]
        super().save_model(request, obj, form, change)


@admin.register(AcquirerHealth)
class AcquirerHealthAdmin(PaperAdmin):
    """Accounts that failed at least once, and whether new payments go there."""

    list_display = (
        "account_code",
        "state_label",
        "since_when",
        "failures",
        "openings",
        "last_error",
        "held_by",
    )
    list_filter = ("state",)
    actions = (*PaperAdmin.actions, "close_circuit", "take_out_now")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("account_code", "state"),
                    ("since", "held_by"),
                    ("pay_failures", "ask_failures"),
                    ("openings", "opened_at"),
                    ("last_failed_at", "last_error"),
                    ("next_probe_at", "trial_until"),
                    "last_day",
                )
            },
        ),
    )

    @display(description=_("state"), ordering="state", label=CIRCUIT_COLOURS)
    def state_label(self, health: AcquirerHealth) -> tuple[str, str]:
        """Show the state in colour."""
        return health.state, health.get_state_display()

    @display(description=_("since"), ordering="since")
    def since_when(self, health: AcquirerHealth) -> str:
        """Show since when, on one line."""
        return clock(health.since)

    @display(description=_("failures in a row"))
    def failures(self, health: AcquirerHealth) -> str:
        """Show payments and questions that failed in a row."""
        return f"{health.pay_failures} + {health.ask_failures}"

    @display(description=_("last 24 hours"))
    def last_day(self, health: AcquirerHealth) -> SafeString | str:
        """Draw answered and failed requests per hour."""
        return _bars(last_hours(health.account_code))

    def papers(self, health: AcquirerHealth) -> list[Table]:
        """Return the account's versions and when it was out of order."""
        code = health.account_code
        accounts = AcquirerAccount.objects.filter(code=code)
        incidents = Incident.objects.filter(kind=Incident.Kind.ACQUIRER_OUT, subject_no=code)
        return [
            table(
                _("Versions"),
                (_("version"), _("status")),
                [[link_to(row), row.get_status_display()] for row in accounts],
            ),
            table(
                _("Out of order"),
                (_("noticed"), _("settled"), _("settled by"), _("note")),
                [
                    [
                        link_to(row, clock(row.created_at)),
                        clock(row.resolved_at),
                        row.resolved_by or NOTHING,
                        row.note or NOTHING,
                    ]
                    for row in incidents[:20]
                ],
            ),
        ]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Allow those who may change circuits."""
        return request.user.has_perm("payments.change_acquirerhealth")

    @admin.action(
        description=_("Close the circuit: send new payments there again"), permissions=["operate"]
    )
    def close_circuit(self, request: HttpRequest, queryset: QuerySet[AcquirerHealth]) -> None:
        """Trust the chosen accounts again."""
        by = request.user.get_username()
        self._tell(request, [row for row in queryset if put_back(row.account_code, by=by)])

    @admin.action(
        description=_("Take out: no new payments until somebody closes the circuit"),
        permissions=["operate"],
    )
    def take_out_now(self, request: HttpRequest, queryset: QuerySet[AcquirerHealth]) -> None:
        """Send no new payments to the chosen accounts."""
        by = request.user.get_username()
        self._tell(request, [row for row in queryset if take_out(row.account_code, by=by)])

    def _tell(self, request: HttpRequest, changed: list[AcquirerHealth]) -> None:
        for row in changed:
            row.refresh_from_db()
            self.log_change(request, row, row.state)
        if not changed:
            messages.info(request, gettext("Nothing to change."))
            return
        text = ngettext("%(count)d account changed.", "%(count)d accounts changed.", len(changed))
        messages.success(request, text % {"count": len(changed)})


def _bars(hours: list[Hour]) -> SafeString | str:
    """Draw one bar per hour, failures at the top of it, with the figures as its title."""
    highest = max(hour.answered + hour.failed for hour in hours)
    if not highest:
        return NOTHING
    return format_html(
        '<svg width="288" height="{}" role="img" aria-label="{}">{}</svg>',
        _BAR_PIXELS,
        _sentence(hours),
        format_html_join(
            "", "{}", ([_bar(hour, at * 12, highest)] for at, hour in enumerate(hours))
        ),
    )


def _bar(hour: Hour, x: int, highest: int) -> SafeString:
    good = round(hour.answered * _BAR_PIXELS / highest)
    bad = round(hour.failed * _BAR_PIXELS / highest)
    values: dict[str, Any] = {
        "x": x,
        "good_y": _BAR_PIXELS - good,
        "good": good,
        "bad_y": _BAR_PIXELS - good - bad,
        "bad": bad,
        "title": f"{hour.label}: {hour.answered} / {hour.failed}",
    }
    return format_html(
        "<g><title>{title}</title>"
        '<rect x="{x}" y="{good_y}" width="10" height="{good}" fill="#16a34a"></rect>'
        '<rect x="{x}" y="{bad_y}" width="10" height="{bad}" fill="#dc2626"></rect></g>',
        **values,
    )


def _sentence(hours: list[Hour]) -> str:
    values = {
        "answered": sum(hour.answered for hour in hours),
        "failed": sum(hour.failed for hour in hours),
    }
    return gettext("%(answered)d requests answered, %(failed)d failed") % values
