"""Alipay's published messages of its test environment: each proven, none of their changes.

They are third-party data and stand in a folder of their own, named by LINLI_VECTORS; without it
messages of our own stand in for them.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from payments.acquiring.contract import NotificationRejectedError, Outcome, OutcomeUnknownError
from payments.adapters.alipay import notices, wire
from payments.adapters.alipay.certificates import public_key_in, serial_of
from payments.adapters.alipay.profile import Profile
from tests.payments.alipay.papers import (
    APP,
    SELLER,
    answer,
    keys,
    paid_notice,
    pair,
    posted,
    signature,
    signed_notice,
)

TRANSFER = "alipay.fund.trans.common.query"


class Published:
    """The vectors, or ours."""

    def __init__(self) -> None:
        folder = os.environ.get("LINLI_VECTORS", "")
        if not folder:
            self.profile = Profile(APP, SELLER)
            self.keys = keys()
            self.notice = signed_notice(paid_notice())
            self.returned = self.notice
            self.node = '{"code":"10000","msg":"Success","trans_amount":"0.01"}'
            self.sign = signature(self.node.encode())
            return
        data = json.loads((Path(folder) / "vectors.json").read_text(encoding="utf-8"))["alipay"]
        pem = data["alipay_cert_pem"].encode()
        self.notice, self.returned = data["notify_params"], data["return_params"]
        self.profile = Profile(self.notice["app_id"], self.notice["seller_id"])
        self.keys = wire.Keys(pair("ours"), {serial_of(pem): public_key_in(pem)})
        self.node, self.sign = data["sync_response_inner"], data["sync_response_sign"]

    @property
    def then(self):
        """When the notice was sent."""
        return wire.read_instant(self.notice["notify_time"])

    def opened(self, fields: dict[str, str], **later: float):
        """What becomes of a notice."""
        raw, now = posted(fields), self.then + timedelta(**later)
        return notices.open_notification(self.keys, self.profile, raw, now=now)


@pytest.fixture(scope="module")
def published() -> Published:
    return Published()


def test_the_published_notice_is_believed_and_read(published):
    evidence = published.opened(published.notice, seconds=10)

    (event,) = notices.read_events(evidence.content, published.profile)

    assert evidence.event_id == published.notice["notify_id"]
    assert event.result.outcome is Outcome.SUCCEEDED
    assert event.result.payment_no == published.notice["out_trade_no"]
    assert event.result.amount.to_major_str() == published.notice["total_amount"]


def test_no_field_of_it_may_be_changed_added_or_dropped(published):
    for name in sorted(set(published.notice) - {"sign", "sign_type"}):
        changed = {**published.notice, name: published.notice[name] + "0"}
        dropped = {k: v for k, v in published.notice.items() if k != name}
        for fields in (changed, dropped):
            with pytest.raises(NotificationRejectedError):
                published.opened(fields)
    with pytest.raises(NotificationRejectedError) as caught:
        published.opened({**published.notice, "more": ""})
    assert caught.value.reason == "signature"


def test_it_proves_nothing_when_it_grew_old_or_is_for_another(published):
    with pytest.raises(NotificationRejectedError) as caught:
        published.opened(published.notice, hours=2)
    assert caught.value.reason == "stale"
    for other in (
        Profile(APP[::-1], published.profile.seller_id),
        Profile(published.profile.app_id, "2088000000000000"),
    ):
        with pytest.raises(NotificationRejectedError) as caught:
            notices.open_notification(
                published.keys, other, posted(published.notice), now=published.then
            )
        assert caught.value.reason == "merchant"


def test_the_published_return_is_signed_the_same_way(published):
    told = {k: v for k, v in published.returned.items() if k not in {"sign", "sign_type"}}

    message = wire.text_to_sign(told.items())

    sign = published.returned["sign"]
    assert wire.who_signed(published.keys, message, signature=sign) is not None
    assert wire.who_signed(published.keys, message + b"0", signature=sign) is None


def test_the_published_answer_is_proven_over_its_exact_characters(published):
    name = TRANSFER.replace(".", "_")
    body = f'{{"{name}_response":{published.node},"sign":"{published.sign}"}}'

    node = wire.proven_node(published.keys, body.encode(), TRANSFER)

    assert node.data == json.loads(published.node)
    for changed in (
        body.replace('"0.01"', '"0.10"'),
        body.replace(":{", ": {", 1).replace('","msg', '", "msg'),
    ):
        with pytest.raises(OutcomeUnknownError):
            wire.proven_node(published.keys, changed.encode(), TRANSFER)


def test_an_answer_of_ours_reads_as_it_stands():
    assert wire.proven_node(keys(), answer({"code": "10000"}), "alipay.trade.query").data == {
        "code": "10000"
    }
