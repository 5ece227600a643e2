"""What a leader keeps about her residents, and what she told a whole group.

Notes and tags are hers alone: no resident, no other leader and no page of the admin shows them.
They go when the resident's account goes.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from payments.api import Edges

NOTE_MAX: Final = 200
TAG_MAX: Final = 12
BROADCAST_MAX: Final = 200
# Whatever the setting says: more than this is no word to a group any more.
BROADCASTS_A_DAY_MOST: Final = 20


class ResidentNote(models.Model):
    """A few words of a leader about one resident, for her own memory."""

    leader = models.ForeignKey(
        Leader, on_delete=models.CASCADE, related_name="resident_notes", verbose_name=_("leader")
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("resident"),
    )
    text = models.CharField(_("note"), max_length=NOTE_MAX)
    written_at = models.DateTimeField(_("written at"))
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    # looked at again then: it goes where she has not ordered with the leader for long
    kept_until = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        """Newest first."""

        verbose_name = _("note about a resident")
        verbose_name_plural = _("notes about residents")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["leader", "resident"], name="groupleader_note_of_resident")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="groupleader_residentnote_says_something"
            ),
        ]

    def __str__(self) -> str:
        """Name the row, not what it says."""
        return f"{self.leader_id}:{self.resident_id}"


class ResidentTag(models.Model):
    """One word of a leader by which she finds residents again: old, bring it to the door."""

    leader = models.ForeignKey(
        Leader, on_delete=models.CASCADE, related_name="resident_tags", verbose_name=_("leader")
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("resident"),
    )
    name = models.CharField(_("tag"), max_length=TAG_MAX)
    since = models.DateTimeField(_("since"))
    kept_until = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        """A tag is on a resident or not."""

        verbose_name = _("tag of a resident")
        verbose_name_plural = _("tags of residents")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["leader", "resident", "name"], name="groupleader_residenttag_once"
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="groupleader_residenttag_says_something"
            ),
        ]
        indexes = [models.Index(fields=["leader", "name"], name="groupleader_tag_of_leader")]

    def __str__(self) -> str:
        """Name the row, not what it says."""
        return f"{self.leader_id}:{self.resident_id}"


class Broadcast(models.Model):
    """What a leader told the residents of a group. A job tells them, some at a time."""

    class State(models.TextChoices):
        """How far it is."""

        SENDING = "sending", pgettext_lazy("broadcast", "Being sent")
        SENT = "sent", pgettext_lazy("broadcast", "Sent")
        STOPPED = "stopped", pgettext_lazy("broadcast", "Stopped")

    class Whom(models.TextChoices):
        """Who of the group."""

        ALL = "all", _("Everybody in the group")
        WAITING = "waiting", _("Who has not collected yet")
        UNPAID = "unpaid", _("Who has not paid what I ordered for them")

    EDGES: ClassVar[Edges] = {
        State.SENDING: frozenset({State.SENT, State.STOPPED}),
        State.SENT: frozenset(),
        State.STOPPED: frozenset(),
    }

    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="broadcasts", verbose_name=_("leader")
    )
    group_id = models.BigIntegerField(_("group"))
    group_title = models.CharField(_("title of the group"), max_length=120)
    share_code = models.CharField(_("share code"), max_length=20)
    whom = models.CharField(_("to"), max_length=8, choices=Whom.choices)
    text = models.CharField(_("text"), max_length=BROADCAST_MAX)
    idem_key = models.CharField(_("form key"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.SENDING)
    people = models.PositiveIntegerField(_("residents when it was sent"))
    # how many were told, and the last of them: a run goes on behind her
    told = models.PositiveIntegerField(_("told"), default=0)
    reached = models.BigIntegerField(_("told up to resident"), default=0)
    created_at = models.DateTimeField(_("sent at"))
    ended_at = models.DateTimeField(_("all told at"), null=True, blank=True)

    class Meta:
        """A form sent twice is one broadcast."""

        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["leader", "idem_key"], name="groupleader_broadcast_once_per_key"
            ),
            models.CheckConstraint(
                condition=Q(people__gt=0) & ~Q(text=""), name="groupleader_broadcast_to_somebody"
            ),
            models.CheckConstraint(
                condition=Q(state="sending", ended_at=None)
                | (~Q(state="sending") & Q(ended_at__isnull=False)),
                name="groupleader_broadcast_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["leader", "group_id"], name="groupleader_broadcast_of_group"),
            models.Index(
                fields=["id"], condition=Q(state="sending"), name="groupleader_broadcast_to_send"
            ),
        ]

    def __str__(self) -> str:
        """Name group and moment."""
        return f"{self.group_title} · {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def batch(self) -> str:
        """Return the mark its messages are counted under."""
        return f"broadcast:{self.pk}"


class BroadcastCount(models.Model):
    """How often a group was told something on a day. Counted up by conditional updates only."""

    group_id = models.BigIntegerField(_("group"))
    day = models.DateField(_("day"))
    count = models.PositiveSmallIntegerField(_("count"), default=0)

    class Meta:
        """One row per group and day."""

        verbose_name = _("broadcasts of a day")
        verbose_name_plural = _("broadcasts of a day")
        constraints = [
            models.UniqueConstraint(
                fields=["group_id", "day"], name="groupleader_broadcastcount_one_a_day"
            ),
            models.CheckConstraint(
                condition=Q(count__lte=BROADCASTS_A_DAY_MOST),
                name="groupleader_broadcastcount_within_reason",
            ),
        ]

    def __str__(self) -> str:
        """Name group and day."""
        return f"{self.group_id} {self.day}"


class BroadcastStop(models.Model):
    """The mall took a leader's right to broadcast away: why, by whom; deleted, she may again."""

    leader = models.OneToOneField(
        Leader, on_delete=models.CASCADE, related_name="broadcast_stop", verbose_name=_("leader")
    )
    because = models.CharField(_("reason, shown to the leader"), max_length=120)
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("stopped by"),
    )

    class Meta:
        """One per leader."""

        verbose_name = _("stop of a leader's broadcasts")
        verbose_name_plural = _("stops of leaders' broadcasts")
        ordering = ["-since"]

    def __str__(self) -> str:
        """Name the leader."""
        return str(self.leader)
