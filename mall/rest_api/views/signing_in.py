"""Signing in by phone for an app: a code by text message, then a token to carry."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.models import get_token_model
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mall.accounts.signing_in import request_code, verify_code
from mall.rest_api.answering import checked
from mall.rest_api.schema import REFUSALS


class PhoneInput(serializers.Serializer):
    """Whose phone, and which of her devices asks."""

    phone = serializers.CharField(max_length=20)
    device = serializers.CharField(max_length=64, required=False, default="")


class CodeInput(serializers.Serializer):
    """The request's number and the code that came by text message."""

    request_id = serializers.CharField(max_length=32)
    code = serializers.CharField(max_length=12)


class Asked(serializers.Serializer):
    """What the code is typed in for."""

    request_id = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenGiven(serializers.Serializer):
    """What to send as "Authorization: Bearer …", shown once."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CodeView(APIView):
    """Asking for a code: the same answer for known and unknown numbers."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=PhoneInput, responses={200: Asked, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Send a one-time code to a phone."""
        wish = checked(PhoneInput, request.data)
        asked = request_code(phone=wish["phone"], ip=_address(request), device=wish["device"])
        return Response(Asked(asked).data)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignInView(APIView):
    """Proving the code."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=CodeInput, responses={200: TokenGiven, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Give a token for the account of the phone the code was sent to."""
        user = verify_code(**checked(CodeInput, request.data))
        kept, token = get_token_model().objects.create(user=user)
        return Response(TokenGiven({"token": token, "expires_at": kept.expiry}).data)


class SignOutView(APIView):
    """Forgetting this token."""

    @extend_schema(request=None, responses={204: OpenApiResponse(), **REFUSALS})
    def post(self, request: Request) -> Response:
        """Make the token that asks this worthless."""
        request.auth.delete()
        return Response(status=204)


def _address(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")
