"""The leaders' part of the interface: active leaders come in, each to her own rows only."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from groupleader.models import Leader
from groupleader.permissions import is_active_leader, leader_of


class IsLeader(IsAuthenticated):
    """Somebody signed in who leads groups at present."""

    message = _("This is for active group leaders.")

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let active leaders in and keep who she is."""
        if not super().has_permission(request, view):
            return False
        leader = leader_of(request.user)
        if not is_active_leader(leader):
            return False
        request.leader = leader
        return True


class LeaderView(APIView):
    """An address for leaders."""

    permission_classes = (IsLeader,)

    @staticmethod
    def leader(request: Request) -> Leader:
        """Return who asks; she was let in."""
        found: Leader = request.leader
        return found
