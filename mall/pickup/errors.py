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


class PointAwayError(LinliError):
    """Nobody hands goods out there on the pickup day: it is temporary, or the leader is away."""

    code = "point_away"
    message = _("Nothing can be collected at this pickup point on that day. Please choose another.")


class PointFullError(LinliError):
    """Not enough room is left on the pickup day; data: day, boxes, left."""

    code = "point_full"
    message = _(
        "This pickup point has no room left for that day. Join the waiting list, or choose "
        "another pickup point."
    )


class RoomTakenError(LinliError):
    """A day's room cannot go below what orders have taken of it; data: day, boxes, used."""

    code = "room_taken"
    message = _(
        "Orders have taken more boxes than this. Move orders to another point first, or choose a "
        "number not below what is taken."
    )


class HandoverError(LinliError):
    """A point cannot go to that leader or on that day."""

    code = "handover_refused"
    message = _(
        "A point in use goes to another leader, today or on a later day. Please check both."
    )


class HandoverOpenError(LinliError):
    """Another handover of the point is planned or under way."""

    code = "handover_open"
    message = _("This point is being handed over already. Call that off first.")


class StandInError(LinliError):
    """Nobody stands in there: the leader hands out herself, or the person is not of staff."""

    code = "stand_in_refused"
    message = _("Only where a leader is suspended somebody of the mall stands at her counter.")


class HelperError(LinliError):
    """Somebody cannot be invited to help."""

    code = "helper_refused"
    message = _("The leader of this point needs no invitation. Please type a helper's number.")


class HelperGoneError(LinliError):
    """No such invitation or helper of hers."""

    code = "helper_gone"
    http_status = 404
    message = _("This invitation is no longer open.")


class BreakError(LinliError):
    """Days that are no break: the last before the first, over already, or too many."""

    code = "break_refused"
    message = _("Choose a first and a last day from today on, in that order, a year at most.")


class HoursError(LinliError):
    """Hours or a number that cannot be."""

    code = "hours_refused"
    message = _("Closing time comes after opening time.")
