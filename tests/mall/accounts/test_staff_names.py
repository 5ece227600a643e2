"""Who proposed and who decided is written down by name: nobody becomes somebody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from mall.accounts.models import User

pytestmark = pytest.mark.django_db


def test_nobody_takes_another_name(client):
    mei = User.objects.create_superuser(username="mei", password="x" * 12)
    client.force_login(mei)
    page = reverse("admin:accounts_user_change", args=[mei.pk])
    shown = client.get(page).context["adminform"].form

    client.post(page, {"username": "bo", "display_name": "Mei", "is_staff": "on"})

    mei.refresh_from_db()
    assert mei.username == "mei"
    assert "username" not in shown.fields
