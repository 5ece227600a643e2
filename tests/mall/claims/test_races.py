"""Many people settle the same claim at the same moment: nothing is paid or issued twice."""

from __future__ import annotations

import pytest

from mall.claims.errors import ReceiptDoesNotFitError
from mall.claims.models import ReceiptPart, SubsidyClaim, SubsidyReceipt
from mall.claims.services.drafting import draft_claim
from mall.claims.services.issuing import check_claim, issue_claim
from mall.claims.services.receiving import confirm_receipt, propose_receipt
from payments.api import LinliError, balance, business_date
from tests.factories.crowd import all_at_once
from tests.mall.claims.october import (
    CAMPAIGN,
    GIVER,
    OCTOBER,
    broken,
    issued,
    on,
    paid,
    seal,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_receipts_confirmed_at_once_pay_no_more_than_is_due(account):
    with on(10, 5):
        paid()
    with on(11, 2):
        claim = issued()
        receipts = [
            propose_receipt(
                giver=GIVER,
                campaign=CAMPAIGN,
                receipt_no=f"R{number}",
                day=business_date(),
                minor=400,
                by="clerk",
                wish=[(claim.pk, 400)],
            )
            for number in range(6)
        ]
        told = all_at_once([lambda one=one: confirm_receipt(one, by="chief") for one in receipts])
    refused = [one for one in told if isinstance(one, ReceiptDoesNotFitError)]
    booked = [one for one in told if isinstance(one, SubsidyReceipt)]
    assert (len(booked), len(refused)) == (4, 2), told
    claim.refresh_from_db()
    assert (claim.status, claim.received_minor) == ("paid", 1600)
    assert (balance("1001"), balance("1131")) == (1600, 0)
    assert ReceiptPart.objects.count() == 4
    assert broken() == []


def test_a_claim_issued_by_many_at_once_is_issued_once(account):
    with on(10, 5):
        paid()
        paid(9000, 800, ref="CCB:debit5")
    with on(11, 2):
        seal()
        claims = [
            draft_claim(giver=GIVER, campaign=name, month=OCTOBER) for name in (CAMPAIGN, "debit5")
        ]
        for claim in claims:
            check_claim(claim, by="clerk")
        told = all_at_once(
            [lambda one=one: issue_claim(one, by="chief") for one in claims for _time in range(3)]
        )
    assert sum(isinstance(one, SubsidyClaim) for one in told) == 2, told
    assert sum(isinstance(one, LinliError) for one in told) == 4, told
    numbers = sorted(SubsidyClaim.objects.values_list("claim_no", flat=True))
    assert numbers == ["CCB-202610-01", "CCB-202610-02"]
    assert broken() == []
