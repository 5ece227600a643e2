"""What a leader pastes into her neighbours' chat: title, cut-off, pickup, link."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from mall.api import BoardGroup
from payments.api import local


def shown(group: BoardGroup) -> dict[str, Any]:
    """Return a group with its link and the text for the chat, as templates show it."""
    url = settings.SITE_URL + reverse("storefront:group", args=[group.share_code])
    text = _(
        "%(title)s\nOrder until %(closes)s, collect on %(day)s from %(from)s at %(point)s.\n%(url)s"
    ) % {
        "title": group.title,
        "closes": date_format(local(group.closes_at), "n-j H:i"),
        "day": date_format(group.pickup_on, "n-j"),
        "from": time_format(group.pickup_from, "H:i"),
        "point": group.point_name,
        "url": url,
    }
    return asdict(group) | {"share_url": url, "share_text": text}
