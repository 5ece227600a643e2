"""Commission rules in the admin: written with a preview, agreed to, ended, tried on an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from groupleader.admin.reading import yuan
from groupleader.admin.rule_forms import RuleForm, find_targets
from groupleader.admin.rule_previews import preview_file, preview_of, shown
from groupleader.models import CommissionRule
from groupleader.rule_tester import try_order
from groupleader.services import previews
from groupleader.services.rules import (
    agree_to_rule,
    end_rule,
    narrower_count,
    overlapping,
    refuse_rule,
    write_rule,
)
from groupleader.templatetags.commission import percent
from payments.api import LinliError, local, now

REFRESH_SECONDS: Final = 2
_MORE: Final = "admin:groupleader_commissionrule"
Act = Callable[..., None]


@admin.register(CommissionRule)
class CommissionRuleAdmin(ModelAdmin):
    """Rules are written for the future and ended; nobody edits or deletes one."""

    list_display = ("speaks_about", "much", "valid", "state", "proposed_by", "note")
    list_filter = ("scope", "status")
    search_fields = ("target", "target_name", "note")
    list_select_related = ("proposed_by",)

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: a rule is ended."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what finds targets, tries an order, and acts on a rule."""
        wrap = self.admin_site.admin_view
        name = "groupleader_rule"
        return [
            path("targets/", wrap(self.targets_view), name=f"{name}_targets"),
            path("tester/", wrap(self.tester_view), name=f"{name}_tester"),
            path("<int:pk>/do/<slug:what>/", wrap(self.act_view), name=f"{name}_act"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("speaks about"), ordering="scope")
    def speaks_about(self, rule: CommissionRule) -> str:
        """Show the scope and what the target is called."""
        which = rule.target_name or rule.target
        return f"{rule.get_scope_display()} · {which}" if which else rule.get_scope_display()

    @admin.display(description=gettext_lazy("gives"), ordering="rate")
    def much(self, rule: CommissionRule) -> str:
        """Show the rate or the amount per piece."""
        return much_of(rule)

    @admin.display(description=gettext_lazy("valid"), ordering="valid_from")
    def valid(self, rule: CommissionRule) -> str:
        """Show from when until when."""
        return f"{_moment(rule.valid_from)} – {_moment(rule.valid_until)}"

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, rule: CommissionRule) -> str:
        """Show whether it counts now."""
        return state_of(rule)

    def add_view(
        self, request: HttpRequest, *_args: Any, **_kwargs: Any
    ) -> HttpResponse | HttpResponseBase:
        """Write a rule: try it on last month's lines, see what it overlaps, save it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        found = preview_of(request)
        if found is not None and request.GET.get("export"):
            return preview_file(request.GET["export"], found)
        form = RuleForm(request.POST or None, initial=_initial(found))
        is_post = request.method == "POST"
        if is_post and form.is_valid():
            done = self._save(request, form)
            if done is not None:
                return done
        is_part = request.headers.get("HX-Request") == "true"
        page = "rule_preview" if is_part else "rule_write"
        wish = form.wish() if form.is_bound and form.is_valid() else None
        context = {
            "title": _("New commission rule"),
            "form": form,
            "preview": found,
            "found": shown(found),
            "overlaps": list(overlapping(wish)[:10]) if wish else [],
            "narrower": narrower_count(wish) if wish else 0,
            "needs_second": bool(wish and wish.needs_second),
            "refresh_seconds": REFRESH_SECONDS,
        }
        return self._page(request, page, context)

    def _save(self, request: HttpRequest, form: RuleForm) -> HttpResponse | None:
        """Do what the pressed button says; None shows the page again with warnings."""
        wish = form.wish()
        if "preview" in request.POST:
            first, last = previews.last_month()
            run = previews.ask(wish, first=first, last=last, by=request.user)
            return redirect(f"{reverse(_MORE + '_add')}?preview={run.pk}")
        if "check" in request.POST:
            return None
        try:
            rule = write_rule(wish, by=request.user)
        except LinliError as refusal:
            form.add_error("valid_from", str(refusal.user_message))
            return None
        self.log_addition(request, rule, "written")
        said = _("It waits for a second person.") if rule.needs_second else _("It is agreed.")
        messages.success(request, _("The rule is written. %(state)s") % {"state": said})
        return redirect(f"{_MORE}_change", rule.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        """Show one rule, its history, what it overlaps, and what may be done with it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_number = object_id.isascii() and object_id.isdigit() and len(object_id) < 10
        rule = get_object_or_404(self.get_queryset(request), pk=int(object_id) if is_number else 0)
        context = {
            "title": str(rule),
            "rule": rule,
            "gives": much_of(rule),
            "state": state_of(rule),
            "events": rule.events.select_related("by"),
            "lines": rule.terms.count(),
            "acts": _acts(request, rule),
        }
        return self._page(request, "rule", context)

    def act_view(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Agree to a rule, refuse it or end it."""
        rule = get_object_or_404(CommissionRule, pk=pk)
        allowed = dict(_acts(request, rule))
        if request.method != "POST" or what not in allowed:
            raise PermissionDenied
        reason = request.POST.get("reason", "").replace("\0", "").strip()
        try:
            if what == "agree":
                agree_to_rule(rule=rule, by=request.user)
            elif what == "refuse":
                refuse_rule(rule=rule, by=request.user, reason=reason)
            else:
                end_rule(rule=rule, by=request.user, reason=reason)
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        else:
            self.log_change(request, rule, what)
            messages.success(request, _("Done."))
        return redirect(f"{_MORE}_change", pk)

    def targets_view(self, request: HttpRequest) -> JsonResponse:
        """Find what a rule, or a keeper's share, may speak about."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        # the admin's picker sends what it is told in this attribute: here the scope
        scope, text = request.GET.get("app_label", ""), request.GET.get("term", "")
        found = [{"id": number, "text": name} for number, name in find_targets(scope, text)]
        return JsonResponse({"results": found, "pagination": {"more": False}})

    def tester_view(self, request: HttpRequest) -> HttpResponse:
        """Say which rule decides for each line of an order: as it was placed, and if placed now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order_no = request.GET.get("order", "").replace("\0", "").strip()[:32]
        context = {
            "title": _("Which rule decides"),
            "order_no": order_no,
            "tried": try_order(order_no) if order_no else None,
        }
        return self._page(request, "rule_tester", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/groupleader/{name}.html", whole)


def much_of(rule: Any) -> str:
    """Show what a rule or a preview gives: "10%" or an amount per piece."""
    if rule.rate is not None:
        return percent(rule.rate)
    return _("%(amount)s per piece") % {"amount": yuan(rule.fixed_minor)}


def state_of(rule: CommissionRule) -> str:
    """Say whether a rule counts now."""
    if rule.status != CommissionRule.Status.AGREED:
        return str(rule.get_status_display())
    at = now()
    if rule.valid_from > at:
        return _("begins later")
    is_over = rule.valid_until is not None and rule.valid_until <= at
    return _("ended") if is_over else _("in force")


def _acts(request: HttpRequest, rule: CommissionRule) -> list[tuple[str, str]]:
    """Return what this person may do with a rule now."""
    may_confirm = request.user.has_perm("groupleader.confirm_commissionrule")
    is_hers = rule.proposed_by_id == request.user.pk
    if rule.status == CommissionRule.Status.WAITING:
        agree = [("agree", _("Agree: let it count"))] if may_confirm and not is_hers else []
        refuse = [("refuse", _("Take it back") if is_hers else _("Refuse"))]
        return [*agree, *(refuse if may_confirm or is_hers else [])]
    is_over = rule.valid_until is not None and rule.valid_until <= now()
    may_end = request.user.has_perm("groupleader.change_commissionrule")
    if rule.status == CommissionRule.Status.AGREED and not is_over and may_end:
        return [("end", _("End it now"))]
    return []


def _initial(preview: Any) -> dict[str, Any]:
    """Return the form's fields as a preview has them."""
    if preview is None:
        return {}
    return {
        "scope": preview.scope,
        "target": preview.target,
        "percent": None if preview.rate is None else (preview.rate * 100).normalize(),
        "yuan": None if preview.fixed_minor is None else preview.fixed_minor / 100,
        "valid_from": local(now() + timedelta(minutes=5)).replace(second=0, microsecond=0),
    }


def _moment(at: Any) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at else "…"
