"""What a pickup QR holds: /p/<token>/."""

from __future__ import annotations

from django.urls import path

from groupleader.portal.handing_over import pickup_token

urlpatterns = [path("<str:token>/", pickup_token, name="pickup-token")]
