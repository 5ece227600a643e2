"""What can go wrong with points."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotEnoughPointsError(LinliError):
    """There are fewer points than wanted; data: wanted."""

    code = "not_enough_points"
    message = _("There are not enough points any more. Please look at the new amount.")


class PointsWorthError(LinliError):
    """The points are worth another amount than the order was priced with; data: points, minor."""

    code = "points_worth"
    message = _("The points are worth another amount now. Please look at the new amount.")


class ProgrammeError(LinliError):
    """A version of the programme cannot come into force as it is."""

    code = "points_programme"


class AdjustmentError(LinliError):
    """A correction of points cannot be made as it is."""

    code = "points_adjustment"
