"""Invited to help: the page on which she says yes or no, and from which she goes to the counter."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mall.api import HelperGoneError, accept_invitation, decline_invitation, invitations_of


@login_required
@require_GET
@never_cache
def helping(request: HttpRequest) -> HttpResponse:
    """Show what she is invited to and where she helps."""
    rows = invitations_of(request.user)
    context = {
        "invited": [row for row in rows if row.since is None],
        "helps": [row for row in rows if row.since is not None],
    }
    return render(request, "groupleader/helping.html", context)


@login_required
@require_POST
def answer(request: HttpRequest, helper_id: int) -> HttpResponse:
    """Say yes, say no, or stop helping: sent twice it is the same."""
    try:
        if request.POST.get("yes") == "1":
            row = accept_invitation(helper_id=helper_id, by=request.user)
            text = _("Thank you. You can now receive and hand over at %(point)s.")
            messages.success(request, text % {"point": row.point.name})
            return redirect("groupleader:scan")
        decline_invitation(helper_id=helper_id, by=request.user)
    except HelperGoneError as gone:
        raise Http404 from gone
    messages.success(request, _("Done. You no longer help there."))
    return redirect("groupleader:helping")
