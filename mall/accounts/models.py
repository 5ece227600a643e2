"""People: one account each, known by phone number; staff also by user name and password."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A resident, a group leader or a member of staff. Residents never see their user name."""

    phone = models.CharField(
        _("phone number"),
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        help_text=_("In E.164 form, for example +8613800000001."),
    )
    display_name = models.CharField(_("name shown to others"), max_length=40, blank=True)

    class Meta(AbstractUser.Meta):
        """Oscar and Django's admin find people here."""

        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        """Show the name others know, never the whole phone number."""
        return self.display_name or self.get_full_name() or self.username
