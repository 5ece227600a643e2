"""Why a pickup point takes no new orders."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class PointClosedError(LinliError):
    """The leader has put up the closed sign, or the point is no longer in use."""

    code = "point_closed"
    message = _("This pickup point takes no new orders at the moment. Please choose another one.")


class LeaderOnHolidayError(LinliError):
    """The leader is away; data: until (the last day)."""

    code = "leader_on_holiday"
    message = _("The leader of this pickup point is on holiday. Please choose another one.")
