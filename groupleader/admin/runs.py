"""Runs at the desk: few are done while the person waits, many by the worker, with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groupleader import errors, payout_errors
from groupleader.admin.reading import do_each
from groupleader.models import DeskRun, DeskRunRow
from groupleader.services.desk_runs import progress_of, start_run
from payments.api import IllegalTransitionError, LinliError

# So many are done while the person waits; more are the worker's.
AT_ONCE: Final = 10
REFRESH_SECONDS: Final = 2
SHOWN_MAX: Final = 200
WORDS: Final[dict[str, str | Promise]] = {
    kind.code: kind.message
    for room in (errors, payout_errors)
    for kind in vars(room).values()
    if isinstance(kind, type) and issubclass(kind, LinliError)
} | {
    IllegalTransitionError.code: gettext_lazy(
        "Its state does not allow it: it may be paid already, or not be approved."
    )
}


def do_or_start(  # noqa: PLR0917 - whoever asks, what, to whom, and how
    request: HttpRequest, kind: str, things: Iterable[Any], act: Callable[[Any], Any]
) -> HttpResponse | None:
    """Do it to a few at once; of more make a run and show how far it is."""
    chosen = list(things)
    if len(chosen) <= AT_ONCE:
        do_each(request, chosen, act)
        return None
    run = start_run(kind=kind, things=chosen, by=request.user)
    if run is None:
        messages.warning(request, _("All of them wait for their turn already."))
        return None
    return redirect("admin:groupleader_desk_run", run.pk)


def run_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the page of a run."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _run_view(request, pk, site)

    return [path("runs/<int:pk>/", site.admin_view(view), name="groupleader_desk_run")]


def _run_view(request: HttpRequest, pk: int, site: admin.AdminSite) -> HttpResponse:
    """Show how far a run is to who started it, and to who may pay."""
    run = get_object_or_404(DeskRun.objects.select_related("asked_by"), pk=pk)
    is_hers = run.asked_by_id == request.user.pk
    if not is_hers and not request.user.has_perm("groupleader.pay_settlementstatement"):
        raise Http404
    refused = run.rows.filter(outcome=DeskRunRow.Outcome.REFUSED)
    context = {
        **site.each_context(request),
        "title": run.get_kind_display(),
        "progress": progress_of(run),
        "refresh_seconds": REFRESH_SECONDS,
        "refused": [
            {"row": row, "words": WORDS.get(row.code, row.code)}
            for row in refused.select_related("statement", "leader", "supplier")[:SHOWN_MAX]
        ],
    }
    is_part = request.headers.get("HX-Request") == "true"
    name = "run_part" if is_part else "run"
    return TemplateResponse(request, f"admin/groupleader/{name}.html", context)
