"""A call that means nothing, so that a partner can see that ours arrive."""

from __future__ import annotations

import json
from typing import Final

from mall.webhooks.models import Webhook, WebhookCall, new_call_no
from payments.api import now

TEST: Final = "linli.test"


def send_test(*, webhook_id: int) -> WebhookCall:
    """Put a test call on its way to a partner; signed and tried again like every other."""
    at = now()
    data = {"type": TEST, "timestamp": at.isoformat(), "data": {"hello": "邻里团"}}
    return WebhookCall.objects.create(
        webhook=Webhook.objects.get(pk=webhook_id),
        fact=TEST,
        occurrence=new_call_no(),
        body=json.dumps(data, ensure_ascii=False, separators=(",", ":")),
        next_at=at,
        created_at=at,
    )
