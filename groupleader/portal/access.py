"""The portal's door: active leaders come in with their own leader row, others are told why not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from groupleader.permissions import is_active_leader, leader_of

LeaderView = Callable[..., HttpResponse]


def leader_only(view: LeaderView) -> Callable[..., HttpResponse]:
    """Call `view(request, leader, ...)` for an active leader; explain to everybody else."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        leader = leader_of(request.user)
        if not is_active_leader(leader):
            return render(request, "groupleader/no_entry.html", {"leader": leader}, status=403)
        response = view(request, leader, *args, **kwargs)
        # Names and orders of neighbours stay in no shared cache and not behind the back button.
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return enter
