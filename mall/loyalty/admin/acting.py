"""What the pages of points share: acting on each chosen row, and who is at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from payments.api import LinliError


def each(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Any], *, act: Callable[[Any], object]
) -> None:
    """Do it to every row and say what became of each."""
    for row in rows:
        try:
            act(row)
        except LinliError as refusal:
            model_admin.message_user(request, f"{row}: {refusal.user_message}", messages.ERROR)
        else:
            model_admin.message_user(request, str(row), messages.SUCCESS)


def who(request: HttpRequest) -> str:
    """Name who is at the desk: by this two people are told apart."""
    return str(request.user.get_username())
