"""With whom we bank: accounts, their versions, and who would take a payment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from payments.acquiring.registry import setup_of
from payments.admin.abilities import abilities_of
from payments.admin.account_forms import AccountForm, RouteForm, VersionForm, as_lines
from payments.admin.guided_accounts import GuidedAccounts
from payments.admin.messages import as_json
from payments.admin.paper import GREEN, ORANGE, RED, PaperAdmin
from payments.admin.showing import NOTHING, Table, clock, link_to, table
from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.models import AcquirerAccount, AcquirerHealth, RoutingRule
from payments.services import rotation
from payments.services.routing import Candidate, Wish, explain_route

CIRCUIT_COLOURS = {"closed": GREEN, "half_open": ORANGE, "open": RED}


@admin.register(AcquirerAccount)
class AcquirerAccountAdmin(GuidedAccounts):
    """Accounts at acquirers; a change of settings is a new version."""

    list_display = (
        "code",
        "version",
        "adapter",
        "merchant_id",
        "status_label",
        "circuit_label",
        "priority",
        "created_at",
    )
    list_filter = (("status", ChoicesDropdownFilter), "adapter")
    search_fields = ("code", "merchant_id")
    actions = (*PaperAdmin.actions, "take_out_of_use", "put_in_use", "disable")
    actions_list: ClassVar = ("choose_acquirer", "compare", "try_route", "add_account")
    actions_detail: ClassVar = ("new_version", "new_version_by_lines")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "version"),
                    ("adapter", "merchant_id"),
                    ("status", "priority"),
                    ("created_at", "set_up_by"),
                    "settings_shown",
                    "keys_shown",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AcquirerAccount]:
        """Bring along the state of each account's circuit."""
        health = AcquirerHealth.objects.filter(account_code=OuterRef("code")).values("state")
        return super().get_queryset(request).annotate(circuit=Subquery(health[:1]))

    @display(
        description=_("status"),
        ordering="status",
        label={"active": GREEN, "verify_only": ORANGE, "disabled": RED},
    )
    def status_label(self, account: AcquirerAccount) -> tuple[str, str]:
        """Show the state in colour."""
        return account.status, account.get_status_display()

    @display(description=_("circuit"), label=CIRCUIT_COLOURS)
    def circuit_label(self, account: Any) -> tuple[str, str | Promise] | None:
        """Show whether the account in use is in order."""
        if account.status != AcquirerAccount.Status.ACTIVE:
            return None
        state = account.circuit or AcquirerHealth.State.CLOSED
        return state, AcquirerHealth.State(state).label

    @display(description=_("settings"))
    def settings_shown(self, account: AcquirerAccount) -> Any:
        """Show the settings; secrets are files, never settings."""
        return as_json(account.settings)

    @display(description=_("key files"))
    def keys_shown(self, account: AcquirerAccount) -> Any:
        """Show the names of the key files."""
        return as_json(account.keys)

    def papers(self, account: AcquirerAccount) -> list[Table]:
        """Return the account's versions and the rules that lead to it."""
        versions = AcquirerAccount.objects.filter(code=account.code)
        rules = RoutingRule.objects.filter(account_code=account.code)
        yes_no = {True: _("yes"), False: _("no")}
        return [
            abilities_of([account], _("What it can do")),
            table(
                _("Versions"),
                (_("version"), _("status"), _("created"), _("set up by")),
                [
                    [
                        link_to(row),
                        row.get_status_display(),
                        clock(row.created_at),
                        row.set_up_by or NOTHING,
                    ]
                    for row in versions
                ],
            ),
            table(
                _("Rules that lead here"),
                (_("priority"), _("purpose"), _("in force"), _("note")),
                [
                    [
                        link_to(rule, str(rule.priority)),
                        rule.get_scene_display() or NOTHING,
                        yes_no[rule.is_active],
                        rule.note or NOTHING,
                    ]
                    for rule in rules
                ],
            ),
        ]

    @action(
        description=_("Add an account by lines"),
        url_path="set-up",
        permissions=["set_up"],
        icon="notes",
    )
    def add_account(self, request: HttpRequest) -> HttpResponse:
        """Set a new account up; the acquirer's adapter tries settings and keys."""
        form = AccountForm(request.POST or None)
        if form.is_valid():
            given = form.cleaned_data

            def write() -> AcquirerAccount:
                return rotation.add_account(
                    given["code"],
                    adapter=given["adapter"],
                    settings=given["account_settings"],
                    keys=given["keys"],
                    by=request.user.get_username(),
                )

            if (done := self._try(request, form, write)) is not None:
                return done
        text = gettext("A new account takes payments where a rule or its priority leads to it.")
        return self._form_page(request, form, title=_("Add an account"), text=text)

    @action(
        description=_("New version"), url_path="new-version", permissions=["set_up"], icon="key"
    )
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the account new settings or keys, by its acquirer's own form where there is one."""
        account = get_object_or_404(AcquirerAccount, pk=object_id)
        if setup_of(account.adapter) is None:
            return self.new_version_by_lines(request, object_id)
        newest = AcquirerAccount.objects.filter(code=account.code).order_by("-version")[0]
        return self._renewal_page(request, newest)

    @action(
        description=_("New version by lines"),
        url_path="new-version-by-lines",
        permissions=["set_up"],
        icon="notes",
    )
    def new_version_by_lines(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the account new settings or keys, also those no form knows."""
        account = get_object_or_404(AcquirerAccount, pk=object_id)
        newest = AcquirerAccount.objects.filter(code=account.code).order_by("-version")[0]
        shown = {
            "account_settings": as_lines(newest.settings),
            "keys": as_lines(newest.keys),
            "priority": newest.priority,
        }
        form = VersionForm(request.POST or None, initial=shown)
        form.known = frozenset(newest.keys.values())
        if form.is_valid():
            given = form.cleaned_data

            def write() -> AcquirerAccount:
                dropped = dict.fromkeys(newest.settings.keys() - given["account_settings"].keys())
                return rotation.new_version(
                    account.code,
                    settings={**dropped, **given["account_settings"]},
                    keys=given["keys"],
                    by=request.user.get_username(),
                )

            if (done := self._try(request, form, write)) is not None:
                return done
        text = gettext(
            "Version %(version)s goes on verifying messages and is what its payments were made "
            "with; from now on the new keys speak for the account. Name new files: a file that is "
            "overwritten is lost to the old version."
        )
        title = _("New version of %(account)s") % {"account": account.code}
        return self._form_page(request, form, title=title, text=text % {"version": newest.version})

    @action(
        description=_("Try a route"), url_path="try-route", permissions=["view"], icon="alt_route"
    )
    def try_route(self, request: HttpRequest) -> HttpResponse:
        """Say of every account why a payment would or would not go there; nothing is sent."""
        form = RouteForm(request.GET or None)
        papers = []
        if form.is_valid():
            given = form.cleaned_data
            wish = Wish(**{**given, "amount": Money(given["amount"])})
            papers = [_route_table(explain_route(wish))]
        context = {"method": "get", "papers": papers}
        return self._form_page(
            request, form, title=_("Try a route"), button=_("Who would take it?"), **context
        )

    @admin.action(
        description=_("Take out of use: begin nothing new, finish what was begun"),
        permissions=["operate"],
    )
    def take_out_of_use(self, request: HttpRequest, queryset: QuerySet[AcquirerAccount]) -> None:
        """Begin nothing new through the chosen accounts."""
        self._each(request, queryset, rotation.take_out_of_use)

    @admin.action(description=_("Put in use again"), permissions=["operate"])
    def put_in_use(self, request: HttpRequest, queryset: QuerySet[AcquirerAccount]) -> None:
        """Use the newest version of the chosen accounts again."""
        self._each(request, queryset, rotation.put_in_use)

    @admin.action(
        description=_("Disable this version: believe its keys no more"), permissions=["operate"]
    )
    def disable(self, request: HttpRequest, queryset: QuerySet[AcquirerAccount]) -> None:
        """Stop believing the chosen versions."""
        for account in queryset:
            self._do(
                request,
                account,
                lambda account=account: rotation.disable_version(  # type: ignore[misc]
                    account.code, account.version, by=request.user.get_username()
                ),
            )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[AcquirerAccount],
        act: Callable[..., AcquirerAccount],
    ) -> None:
        by = request.user.get_username()
        for account in {row.code: row for row in queryset}.values():
            self._do(request, account, lambda code=account.code: act(code, by=by))  # type: ignore[misc]

    def _do(self, request: HttpRequest, account: AcquirerAccount, act: Callable[[], Any]) -> None:
        try:
            act()
        except LinliError as refusal:
            messages.error(request, f"{account.code}: {refusal.user_message}")
            return
        account.refresh_from_db()
        values = {"account": account, "status": account.get_status_display()}
        messages.success(request, gettext("%(account)s: %(status)s") % values)
        self.log_change(request, account, account.status)


def _route_table(considered: list[Candidate]) -> Table:
    """Show the accounts in the order they are asked; the first without an obstacle takes it."""
    headers = ("", _("account"), _("asked because of"), _("what stands against it"))
    chosen = next((row for row in considered if row.is_free), None)
    waits = next((row for row in considered if row.is_able), None)
    rows = []
    for row in considered:
        mark: str | Promise = NOTHING
        if row is chosen:
            mark = _("takes it")
        elif chosen is None and row is waits:
            mark = _("would take it later")
        rows.append([mark, link_to(row.account), row.led_by or NOTHING, row.obstacle or NOTHING])
    return table(_("Who would take it"), headers, rows)
