"""Signing in anew before a sensitive change."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from groupleader.models import Leader
from groupleader.portal.access import leader_only


@require_POST
@leader_only
def sign_in_again(request: HttpRequest, _leader: Leader) -> HttpResponse:
    """Sign out and in again, then come back to the page that asked for it."""
    page = "identity" if request.POST.get("next") == "identity" else "account"
    logout(request)
    return redirect_to_login(reverse(f"groupleader:{page}"))
