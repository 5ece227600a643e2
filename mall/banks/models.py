"""A bank's organisation, and the people who work on offers for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from treebeard.mp_tree import MP_Node


class BankUnit(MP_Node):
    """A bank, one of its branches, or an outlet: it owns offers and sees its own and those below.

    Made and moved by mall.banks.organising only: its place in the tree is kept by treebeard.
    """

    class Level(models.TextChoices):
        """How high in the bank."""

        BANK = "bank", pgettext_lazy("level of a bank's unit", "Bank")
        BRANCH = "branch", _("Branch")
        OUTLET = "outlet", _("Outlet")

    code = models.SlugField(
        _("code"), max_length=32, unique=True, help_text=_("For good: offers and claims name it.")
    )
    name = models.CharField(_("name"), max_length=60)
    level = models.CharField(_("level"), max_length=6, choices=Level.choices)
    issuer_code = models.CharField(
        _("issuer"), max_length=16, help_text=_("The bank's short code, for example CCB.")
    )
    is_active = models.BooleanField(
        _("in use"), default=True, help_text=_("People of a unit not in use see nothing.")
    )

    class Meta:
        """In the order of the tree; the database keeps a bank on top and an outlet below."""

        verbose_name = _("bank unit")
        verbose_name_plural = _("bank units")
        ordering = ["path"]
        permissions = [("see_every_unit", "Can see the offers of every bank")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level="bank", depth=1)
                | Q(level="branch", depth__gte=2)
                | Q(level="outlet", depth__gte=3),
                name="banks_bankunit_level_fits_depth",
            )
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def indented_name(self) -> str:
        """Return the name as a list of the whole tree shows it."""
        return "　" * (self.depth - 1) + self.name


class BankStaff(models.Model):
    """A person of the bank who may work on the offers of a unit and of those below it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="bank_staff",
        verbose_name=_("person"),
    )
    unit = models.ForeignKey(
        BankUnit, on_delete=models.PROTECT, related_name="staff", verbose_name=_("bank unit")
    )

    class Meta:
        """A person works for one unit."""

        verbose_name = _("bank's person")
        verbose_name_plural = _("bank's people")
        ordering = ["unit__path", "user__username"]

    def __str__(self) -> str:
        """Show person and unit."""
        return f"{self.user} ({self.unit})"
