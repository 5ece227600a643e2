"""A browser's name: random, signed, kept for years; offers count their uses per device under it."""

from __future__ import annotations

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "device"
# Browsers cut what they keep to 400 days; every visit to a checkout begins them anew.
_SECONDS: Final = 400 * 24 * 3600
_SIGNER: Final = signing.Signer(salt="linli.device")


def device_of(request: HttpRequest) -> str:
    """Return the name we gave this browser; nothing where it kept none, or brings another's words.

    Signed, so that nobody takes a name we did not give: a made-up one would be a fresh device at
    every order. Whoever throws the cookie away is a fresh device too; limits per resident and per
    card are what holds then.
    """
    try:
        return _SIGNER.unsign(request.COOKIES.get(COOKIE, ""))
    except signing.BadSignature:
        return ""


def name_device(request: HttpRequest, response: HttpResponse) -> None:
    """Name a browser that has no name, and let the name it has live on; counted, never shown."""
    name = device_of(request) or secrets.token_urlsafe(18)
    response.set_cookie(
        COOKIE,
        _SIGNER.sign(name),
        max_age=_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
