"""Becoming a leader: the application with its place and photo, and what happened to a leader."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from payments.api import Edges


class LeaderApplication(models.Model):
    """A neighbour asks to lead: who, where, what place; one open application a person.

    A community that is not listed is named by ``city``, ``district`` and ``community_name``; of one
    that is, these are a copy. What was typed is kept as a draft until all of it is right.
    """

    class Status(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("Being written")
        APPLIED = "applied", _("Handed in")
        IN_REVIEW = "in_review", _("Being looked at")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    EDGES: ClassVar[Edges] = {
        Status.DRAFT: frozenset({Status.APPLIED, Status.WITHDRAWN}),
        Status.APPLIED: frozenset(
            {Status.IN_REVIEW, Status.APPROVED, Status.REFUSED, Status.WITHDRAWN}
        ),
        Status.IN_REVIEW: frozenset({Status.APPROVED, Status.REFUSED, Status.WITHDRAWN}),
        Status.APPROVED: frozenset(),
        Status.REFUSED: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }

    class Reason(models.TextChoices):
        """Why an application is refused, as she reads it."""

        PLACE = "place", _("The place is not suitable for keeping goods")
        NEAR = "near", _("There are leaders enough near that place")
        PHOTO = "photo", _("The photo does not show the place clearly")
        ADDRESS = "address", _("The address could not be found")
        PHONE = "phone", _("We could not reach you by phone")
        OTHER = "other", pgettext_lazy("reason", "Another reason")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="leader_applications",
        verbose_name=_("person"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.DRAFT
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    community = models.ForeignKey(
        "pickup.Community",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("community"),
    )
    city = models.CharField(_("city"), max_length=60, blank=True)
    district = models.CharField(_("district"), max_length=60, blank=True)
    community_name = models.CharField(_("community"), max_length=60, blank=True)
    place_name = models.CharField(_("name of the place"), max_length=60, blank=True)
    kind = models.CharField(_("kind of place"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    photo = models.FileField(_("photo of the place"), upload_to="applications/%Y/%m", blank=True)
    hours_from = models.TimeField(_("open from"), default=time(8))
    hours_until = models.TimeField(_("open until"), default=time(20))
    hours_note = models.CharField(_("note on opening hours"), max_length=100, blank=True)
    terms_version = models.CharField(_("terms agreed to"), max_length=20, blank=True)
    terms_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"))
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(
        _("reason for refusing"), max_length=12, choices=Reason.choices, blank=True
    )
    note = models.CharField(_("what she is told"), max_length=300, blank=True)
    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("group leader"),
    )
    point = models.ForeignKey(
        "pickup.PickupPoint",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pickup point"),
    )

    class Meta:
        """One open application a person; what was decided is whole."""

        verbose_name = _("leader application")
        verbose_name_plural = _("leader applications")
        ordering = ["-handed_in_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "handed_in_at"], name="groupleader_application_queue")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=["draft", "applied", "in_review"]),
                name="groupleader_application_one_open",
            ),
            models.CheckConstraint(
                name="groupleader_application_handed_in",
                condition=Q(status__in=["draft", "withdrawn"])
                | Q(handed_in_at__isnull=False, terms_at__isnull=False)
                & ~Q(name="")
                & ~Q(address="")
                & ~Q(photo="")
                & ~Q(community_name=""),
            ),
            models.CheckConstraint(
                name="groupleader_application_decided",
                condition=Q(status__in=["draft", "applied", "in_review", "withdrawn"])
                | Q(status="approved", leader__isnull=False, point__isnull=False)
                | Q(status="refused", decided_at__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="groupleader_application_hours",
                condition=Q(hours_until__gt=F("hours_from")),
                violation_error_message=_("Closing time comes after opening time."),
            ),
        ]

    def __str__(self) -> str:
        """Show who and where."""
        return f"{self.name} · {self.community_name}".strip(" ·")

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to look at it."""
        return self.status in {self.Status.APPLIED, self.Status.IN_REVIEW}


class LeaderEvent(models.Model):
    """One line of a leader's history: what happened, by whom, why; only added to."""

    class What(models.TextChoices):
        """What happened."""

        APPLIED = "applied", pgettext_lazy("leader event", "Applied")
        REVIEWING = "reviewing", _("Looked at")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SUSPENDED = "suspended", _("Suspended")
        REINSTATED = "reinstated", _("Reinstated")

    class Reason(models.TextChoices):
        """Why a leader is suspended, as she reads it."""

        COMPLAINTS = "complaints", _("Many complaints of neighbours")
        GOODS = "goods", _("Goods were missing or not kept well")
        UNREACHABLE = "unreachable", _("You could not be reached")
        RULES = "rules", _("The terms for leaders were not kept")
        OWN_WISH = "own_wish", _("You asked for it")
        OTHER = "other", pgettext_lazy("reason", "Another reason")

    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="events",
        verbose_name=_("group leader"),
    )
    application = models.ForeignKey(
        LeaderApplication,
        on_delete=models.PROTECT,
        null=True,
        related_name="events",
        verbose_name=_("leader application"),
    )
    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    reason = models.CharField(_("reason"), max_length=12, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty when the system did it."),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """In the order it happened; of an application or of a leader."""

        verbose_name = _("leader event")
        verbose_name_plural = _("leader events")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="groupleader_event_of_somebody",
                condition=Q(leader__isnull=False) | Q(application__isnull=False),
            )
        ]

    def __str__(self) -> str:
        """Show what happened."""
        return self.get_what_display()

    @property
    def reason_label(self) -> str:
        """Return the reason in words, of whichever list it is."""
        reasons = {
            **dict(LeaderApplication.Reason.choices),
            **dict(LeaderEvent.Reason.choices),
        }
        return str(reasons.get(self.reason, ""))
