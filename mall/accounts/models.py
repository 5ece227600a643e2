"""People: one account each, known by phone number; staff also by user name and password."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def random_username() -> str:
    """Return a name nobody types and nobody can guess; residents sign in by phone."""
    return f"u{secrets.token_hex(12)}"


def random_request_id() -> str:
    """Return the public number of one request for a sign-in code: 128 random bits."""
    return secrets.token_urlsafe(16)


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


class Profile(models.Model):
    """What a person has chosen: where to collect, how the pages look, how the chain shows her."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="profile",
        verbose_name=_("person"),
    )
    pickup_point = models.ForeignKey(
        "pickup.PickupPoint",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="chosen_by",
        verbose_name=_("chosen pickup point"),
    )
    elder_mode = models.BooleanField(_("large text"), default=False)
    in_chain = models.BooleanField(_("shown in the sign-up chain by masked name"), default=True)

    class Meta:
        """One per person, made when first needed."""

        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        """Name the person."""
        return str(self.user)


class Consent(models.Model):
    """A person agreed to one version of a text at one moment; never changed, only added to."""

    class Document(models.TextChoices):
        """What one agrees to."""

        TERMS = "terms", _("Terms of service")
        PRIVACY = "privacy", _("Privacy policy")
        CARD = "card", _("Tied-card agreement")
        LOCATION = "location", _("Use of location")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="consents",
        verbose_name=_("person"),
    )
    document = models.CharField(_("document"), max_length=20, choices=Document.choices)
    version = models.CharField(_("version"), max_length=20)
    given_at = models.DateTimeField(_("given at"))
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)

    class Meta:
        """Agreeing twice to the same version is agreeing once."""

        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "document", "version"], name="accounts_consent_once_per_version"
            )
        ]

    def __str__(self) -> str:
        """Name the text and its version."""
        return f"{self.get_document_display()} {self.version}"


class SignInRequest(models.Model):
    """One request for a one-time code. The code itself is not stored, only a keyed hash of it."""

    MAX_TRIES = 5

    request_id = models.CharField(
        _("request"), max_length=32, unique=True, default=random_request_id
    )
    phone = models.CharField(_("phone number"), max_length=20)
    code_hash = models.CharField(_("hash of the code"), max_length=64)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    requested_at = models.DateTimeField(_("requested at"), db_index=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=64, blank=True)

    class Meta:
        """Five tries and no more, whatever races."""

        verbose_name = _("sign-in request")
        verbose_name_plural = _("sign-in requests")
        indexes = [
            models.Index(fields=["phone", "-requested_at"], name="accounts_request_by_phone")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=5), name="accounts_request_five_tries"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("requested_at")), name="accounts_request_lasts"
            ),
        ]

    def __str__(self) -> str:
        """Show the request's number, never the phone's."""
        return self.request_id


class SendingAllowance(models.Model):
    """How many codes one phone, address or device has asked for in its running window."""

    subject = models.CharField(_("subject"), max_length=80)
    window_seconds = models.PositiveIntegerField(_("window in seconds"))
    started_at = models.DateTimeField(_("window started at"), db_index=True)
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        """One row per subject and window; counted up by conditional updates only."""

        verbose_name = _("sending allowance")
        verbose_name_plural = _("sending allowances")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "window_seconds"], name="accounts_allowance_one_per_window"
            )
        ]

    def __str__(self) -> str:
        """Name subject and window."""
        return f"{self.subject} / {self.window_seconds} s"
