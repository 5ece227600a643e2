"""The portal's doors: leaders come in with their own row, helpers to the counter only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from groupleader.models import Leader, LeaderApplication
from groupleader.permissions import is_active_leader, leader_of
from groupleader.services.standing import why_suspended
from mall.api import (
    BoardGroup,
    OrderGoneError,
    group_at_counter,
    helped_points,
    points_at_counter,
)

LeaderView = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCounter:
    """Who stands at the counter: a leader, or a helper, who receives and hands over only.

    ``points`` names the points she may choose from; a helper has no ``leader`` row that counts.
    """

    user_id: int
    name: str
    points: Mapping[int, str]
    leader: Leader | None

    @property
    def is_helper(self) -> bool:
        """Tell whether money, whole numbers and cases stay out of sight."""
        return self.leader is None


def leader_only(view: LeaderView) -> Callable[..., HttpResponse]:
    """Call `view(request, leader, ...)` for an active leader; explain to everybody else."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        leader = leader_of(request.user)
        if not is_active_leader(leader):
            return _no_entry(request, leader)
        response = view(request, leader, *args, **kwargs)
        # Names and orders of neighbours stay in no shared cache and not behind the back button.
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return enter


def counter_only(view: LeaderView) -> Callable[..., HttpResponse]:
    """Call `view(request, who, ...)` for active leaders and helpers; explain to everybody else.

    Templates find `who` as `request.counter`.
    """

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        who = at_counter(request)
        if who is None:
            return _no_entry(request, leader_of(request.user))
        request.counter = who
        response = view(request, who, *args, **kwargs)
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return enter


def at_counter(request: HttpRequest) -> AtCounter | None:
    """Return who stands at the counter, or nothing for somebody who has no business there."""
    leader = leader_of(request.user)
    user_id = request.user.pk
    if leader is not None and is_active_leader(leader):
        points = points_at_counter(user_id)
        return AtCounter(user_id=user_id, name=leader.name, points=points, leader=leader)
    points = helped_points(user_id) if request.user.is_authenticated else {}
    if not points:
        return None
    name = request.user.display_name
    return AtCounter(user_id=user_id, name=name, points=points, leader=None)


def counter_group(who: AtCounter, group_id: int) -> BoardGroup:
    """Return a group whose goods somebody receives and hands over; 404 for anybody else's."""
    try:
        return group_at_counter(who.user_id, group_id)
    except OrderGoneError as error:
        raise Http404 from error


def _no_entry(request: HttpRequest, leader: Leader | None) -> HttpResponse:
    """Say why there is no way in: no leader, still applying, or suspended and for what reason."""
    context = {
        "leader": leader,
        "why": why_suspended(leader) if leader else None,
        "helps": bool(helped_points(request.user.pk)),
        "is_applying": LeaderApplication.objects.filter(
            user=request.user, status__in=["applied", "in_review"]
        ).exists(),
    }
    return render(request, "groupleader/no_entry.html", context, status=403)
