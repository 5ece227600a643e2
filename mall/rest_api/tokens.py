"""The token an app carries: kept here as a digest, refused in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

_LONGEST = 200


class BearerAuthentication(TokenAuthentication):
    """Knox's tokens; what is no token at all is refused before it is looked for."""

    def authenticate(self, request: Request) -> Any:
        """Return whose token it is; AuthenticationFailed for anything else that was sent."""
        sent = request.META.get("HTTP_AUTHORIZATION", "")
        if not sent.isascii() or len(sent) > _LONGEST:
            raise AuthenticationFailed(_("Please sign in again."))
        return super().authenticate(request)


class BearerScheme(OpenApiAuthenticationExtension):
    """How the token is described."""

    target_class = "mall.rest_api.tokens.BearerAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """Say that it is a bearer's token."""
        return {"type": "http", "scheme": "bearer"}
