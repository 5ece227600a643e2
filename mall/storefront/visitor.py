"""Who is looking: a signed-in resident, or somebody known only by a signed cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mall.accounts.models import User
from mall.groupbuy import shoppers
from mall.groupbuy.shoppers import Shopper
from mall.pickup import choosing
from mall.pickup.models import PickupPoint


def resident(request: HttpRequest) -> User | None:
    """Return the signed-in person, or None."""
    return request.user if isinstance(request.user, User) else None


def shopper_of(request: HttpRequest) -> Shopper:
    """Return who is shopping: the person, or the token of her cookie."""
    return shoppers.shopper_of(user=request.user, cookie=request.COOKIES.get(shoppers.COOKIE, ""))


def chosen_point(request: HttpRequest) -> PickupPoint | None:
    """Return the pickup point she has chosen before."""
    return choosing.chosen_point(user=request.user, cookie=request.COOKIES.get(choosing.COOKIE, ""))


def remember_point(response: HttpResponse, point: PickupPoint) -> None:
    """Keep the chosen point for the next visit from this browser."""
    _set_cookie(
        response,
        choosing.COOKIE,
        value=choosing.cookie_value(point),
        seconds=choosing.COOKIE_SECONDS,
    )


def remember_token(response: HttpResponse, token: str) -> None:
    """Keep what an unknown visitor's baskets are found by."""
    _set_cookie(
        response,
        shoppers.COOKIE,
        value=shoppers.cookie_value(token),
        seconds=shoppers.COOKIE_SECONDS,
    )


def forget_token(response: HttpResponse) -> None:
    """Drop the cookie once its baskets belong to a person."""
    response.delete_cookie(shoppers.COOKIE, samesite="Lax")


def client_ip(request: HttpRequest) -> str:
    """Return the address the request came from, as our own proxy or the socket says it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        # Our proxy appends; whatever stands further left was written by the visitor.
        return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return request.META.get("REMOTE_ADDR", "")


def _set_cookie(response: HttpResponse, name: str, *, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
