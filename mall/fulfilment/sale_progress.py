"""How far one of a leader's groups has come: its own minimum and every item."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.progress import Progress, progress_of
from mall.ordering.errors import OrderGoneError


def sale_progress(leader_id: int, group_id: int) -> Progress:
    """Return the progress of a leader's group: two queries; OrderGoneError for another's."""
    group = LeaderGroup.objects.filter(pk=group_id, leader=leader_id).first()
    if group is None:
        raise OrderGoneError(_("This group is not one of yours."), group_id=group_id)
    return progress_of(group)
