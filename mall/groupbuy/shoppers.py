"""Who is shopping: a person who signed in, or the random cookie of somebody who has not yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer

from mall.accounts.models import User

COOKIE: Final = "basket"
COOKIE_SECONDS: Final = 30 * 24 * 3600
_signer = Signer(salt="mall.groupbuy.basket")


@dataclass(frozen=True, kw_only=True)
class Shopper:
    """A user or a token, never both; neither for somebody seen for the first time."""

    user: User | None = None
    token: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether a basket could belong to this shopper."""
        return self.user is not None or bool(self.token)

    @property
    def owner(self) -> dict[str, Any]:
        """Return the fields of GroupBasket that make it hers."""
        return (
            {"user": self.user, "token": ""} if self.user else {"user": None, "token": self.token}
        )


def shopper_of(*, user: User | AnonymousUser, cookie: str = "") -> Shopper:
    """Return who is shopping, from the request's user and the signed cookie."""
    if user.is_authenticated:
        return Shopper(user=user)
    return Shopper(token=token_of(cookie))


def token_of(cookie: str) -> str:
    """Return the token inside a basket cookie, or nothing where it is missing or forged."""
    try:
        return _signer.unsign(cookie)
    except BadSignature:
        return ""


def new_token() -> str:
    """Return a token for somebody who puts something into a basket before signing in."""
    return secrets.token_urlsafe(24)


def cookie_value(token: str) -> str:
    """Return what the basket cookie holds: the token, signed."""
    return _signer.sign(token)
