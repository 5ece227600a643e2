"""The text somebody agrees to before she ties a card: in versions, none of them ever changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import now
from payments.kernel.errors import LinliError
from payments.models import ConsentText

Language = ConsentText.Language


class ConsentOutdatedError(LinliError):
    """What was agreed to is not the text that is in force."""

    code = "consent_outdated"
    message = _("The text has changed. Please read it again and agree to it.")


class ConsentTextKnownError(LinliError):
    """A version says something already in this language, and is never changed."""

    code = "consent_text_known"
    message = _("This version has a text in this language already. Please choose another version.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """The text in force as it is shown; what is agreed to is its digest."""

    version: str
    language: str
    text: str
    sha256: str
    valid_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """What somebody agreed to, by the digest of the text she was shown, and from where."""

    text_sha256: str
    ip: str
    device: str = ""


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text as it is shown, UTF-8, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def consent_text(language: str = "") -> ConsentView:
    """Return the text in force, in this language (or the thread's), else in any it is written in.

    ConsentOutdatedError when there is none at all.
    """
    wished = (language or get_language() or Language.CHINESE).lower()
    wished = Language.ENGLISH if wished.startswith("en") else Language.CHINESE
    rows = list(_in_force())
    if not rows:
        raise ConsentOutdatedError
    row = next((row for row in rows if row.language == wished), rows[0])
    return ConsentView(
        version=row.version,
        language=row.language,
        text=row.text,
        sha256=row.sha256,
        valid_from=row.valid_from,
    )


def agreed_text(consented: Consented) -> ConsentText:
    """Return the text in force that was agreed to; ConsentOutdatedError for any other."""
    row = _in_force().filter(sha256=consented.text_sha256).first()
    if row is None:
        raise ConsentOutdatedError
    return row


def _in_force() -> QuerySet[ConsentText]:
    """Return the newest version whose day has come, in each language it is written in."""
    begun = ConsentText.objects.filter(valid_from__lte=now())
    newest = begun.order_by("-valid_from", "-pk").values("version")[:1]
    return begun.filter(version=newest).order_by("pk")


def publish_consent_text(
    *, version: str, language: str, text: str, valid_from: datetime, by: str
) -> ConsentText:
    """Write a new text; it counts from `valid_from` on. ConsentTextKnownError.

    Line ends are made alike, so that the digest is that of the text as a page shows it.
    """
    words = "\n".join(text.strip().splitlines())
    new = ConsentText(
        version=version,
        language=language,
        text=words,
        sha256=digest_of(words),
        valid_from=valid_from,
        written_by=by[:64],
        written_at=now(),
    )
    ConsentText.objects.bulk_create([new], ignore_conflicts=True)
    kept = ConsentText.objects.get(version=version, language=language)
    if kept.sha256 != new.sha256 or kept.valid_from != valid_from:
        raise ConsentTextKnownError(version=version, language=language)
    return kept
