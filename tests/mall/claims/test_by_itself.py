"""Last month is drafted by itself, and an order's page of money tells of its claims."""

from __future__ import annotations

import pytest

from mall.claims.jobs import draft_due
from mall.claims.models import SubsidyClaim
from mall.claims.services.disputing import dispute_line
from mall.claims.services.issuing import check_claim
from mall.claims.trail import of_order
from payments.trail import trail_of
from tests.mall.claims.october import issued, on, paid, refund, seal

pytestmark = pytest.mark.django_db


def test_last_month_is_drafted_once_its_books_are_closed(account):
    with on(10, 20):
        first = paid()
    with on(10, 31, 20):
        assert draft_due() == {"drafted": 0}
    with on(11, 1):
        seal()
        assert draft_due() == {"drafted": 1}
        assert draft_due() == {"drafted": 0}
        claim = SubsidyClaim.objects.get()
        assert (claim.status, claim.amount_minor) == ("draft", 1600)
        check_claim(claim, by="clerk")
        refund(first, 2769, 231)  # November's: the draft of October stays as it was checked
        assert draft_due() == {"drafted": 0}
    claim.refresh_from_db()
    assert claim.prepared_by == "clerk"


def test_an_orders_money_tells_in_which_claims_it_stands(account):
    with on(10, 20):
        order = paid()
    assert of_order(order.reference) is None
    with on(11, 2):
        claim = issued()
        dispute_line(claim.lines.get(), reason="not ours", by="clerk")
        chapter = of_order(order.reference)
        assert [line.minor for line in chapter.lines] == [1600, 1600]
        assert claim.claim_no in chapter.lines[0].what
        assert "not ours" in chapter.lines[1].detail
        trail = trail_of(order.reference)
    assert trail.total_minor == sum(flow.minor for flow in trail.went) == 20800
