"""Whether somebody proved who she is just now, in this very browser.

That she signed in on another telephone says nothing about whoever holds this one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from payments.api import now

FRESH_SIGN_IN_SECONDS: Final = 600
_KEY: Final = "signed_in_at"


def listen() -> None:
    """Let every sign-in be noted in its own session."""
    user_logged_in.connect(_note, dispatch_uid="groupleader.portal.fresh")


def signed_in_just_now(request: HttpRequest) -> bool:
    """Tell whether the person signed in within the last minutes, in this browser."""
    user: Any = request.user
    said = request.session.get(_KEY, "")
    if user.last_login is None or not said:
        return False
    # Of a session that was made to look newer than any sign-in, the older of the two counts.
    since = min(user.last_login, datetime.fromisoformat(said))
    return (now() - since).total_seconds() < FRESH_SIGN_IN_SECONDS


def _note(sender: Any, request: Any, **_said: Any) -> None:  # noqa: ARG001 - as the signal calls
    session = getattr(request, "session", None)
    if session is not None:
        session[_KEY] = now().isoformat()
