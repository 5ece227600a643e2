"""A month's claim: its lines are what the books say, or it is not issued."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mall.claims.errors import (
    ClaimDiffersError,
    MonthNotOverError,
    NotADraftError,
    NotCheckedError,
    SecondPersonNeededError,
)
from mall.claims.models import ClaimLine, SubsidyClaim
from mall.claims.services.drafting import draft_claim
from mall.claims.services.issuing import check_claim, issue_claim, send_claim
from payments.api import Money, balance
from payments.ledger.accounts import PLATFORM_CAPITAL, SUBSIDY_RECEIVABLE
from payments.ledger.posting import Leg, post
from payments.models import Tender
from tests.mall.claims.october import (
    CAMPAIGN,
    GIVER,
    NOVEMBER,
    OCTOBER,
    broken,
    issued,
    on,
    paid,
    refund,
    seal,
)

pytestmark = pytest.mark.django_db
OF = {"giver": GIVER, "campaign": CAMPAIGN}


@pytest.fixture
def october(account):
    """Two orders; of the first 27.69 came back with 2.31 of the bank's."""
    with on(10, 20):
        first, second = paid(), paid(9000, 800)
    with on(10, 22):
        refund(first, 2769, 231)
    return first, second


def lines_of(claim):
    return list(
        claim.lines.order_by("number").values_list(
            "kind", "subject_no", "discount_minor", "returned_minor", "net_minor"
        )
    )


def test_a_claim_has_a_line_for_each_payment_less_what_came_back(october):
    first, second = october
    with on(11, 1):
        claim = draft_claim(**OF, month=OCTOBER)

    assert lines_of(claim) == [
        ("order", first.payment_no, 1600, 231, 1369),
        ("order", second.payment_no, 800, 0, 800),
    ]
    assert (claim.given_minor, claim.returned_minor, claim.amount_minor) == (2400, 231, 2169)
    assert (claim.ledger_minor, claim.is_equal) == (2169, True)
    line = claim.lines.get(number=1)
    assert (line.order_no, str(line.day), line.goods_minor) == (
        first.reference,
        "2026-10-20",
        20800,
    )


def test_goods_of_an_earlier_month_are_negative_lines_of_the_next(october):
    first, _second = october
    with on(11, 3):
        issued()
        refund(first, 9046, 754)
        paid(8000, 700)
    with on(12, 1):
        claim = draft_claim(**OF, month=NOVEMBER)

    assert [line[0] for line in lines_of(claim)] == ["return", "order"] or [
        line[0] for line in lines_of(claim)
    ] == ["order", "return"]
    back = claim.lines.get(kind="return")
    assert (back.subject_no, back.net_minor, back.order_no) == (
        first.payment_no,
        -754,
        first.reference,
    )
    assert claim.amount_minor == claim.ledger_minor == 700 - 754
    assert broken() == []


def test_it_is_issued_by_a_second_person_when_the_month_is_closed(october):
    with on(10, 31, 20):  # the first of November there, before the seal
        claim = draft_claim(**OF, month=OCTOBER)
        with pytest.raises(NotCheckedError):
            issue_claim(claim, by="chief")
        check_claim(claim, by="clerk")
        with pytest.raises(SecondPersonNeededError):
            issue_claim(claim, by="clerk")
        with pytest.raises(MonthNotOverError):
            issue_claim(claim, by="chief")
    with on(11, 1):
        seal()
        claim = issue_claim(claim, by="chief")
        assert (claim.status, claim.claim_no) == ("issued", "CCB-202610-01")
        assert len(claim.sha256) == 64
        assert claim.issued_by == "chief"
        send_claim(claim, by="chief", note="Mr Li")
        with pytest.raises(NotADraftError):
            draft_claim(**OF, month=OCTOBER)
    assert broken() == []
    assert list(claim.events.values_list("what", flat=True)) == [
        "drafted",
        "checked",
        "issued",
        "sent",
    ]


def test_a_draft_that_grew_old_is_checked_again(october):
    with on(10, 25):
        claim = draft_claim(**OF, month=OCTOBER)
        check_claim(claim, by="clerk")
    with on(10, 26):
        paid()
    with on(11, 1):
        seal()
        with pytest.raises(ClaimDiffersError):
            issue_claim(claim, by="chief")
        claim = draft_claim(**OF, month=OCTOBER)
        assert claim.prepared_by == ""
        assert claim.amount_minor == 2169 + 1600


def test_a_payment_that_differs_from_its_journal_keeps_the_claim_from_being_issued(october):
    first, _second = october
    Tender.objects.filter(payment=first, funder="bank").update(actual_minor=1500)
    with on(11, 1):
        seal()
        claim = draft_claim(**OF, month=OCTOBER)
        assert claim.is_equal is False
        assert claim.differences == [
            {"ref": f"capture:{first.payment_no}", "books": 1600, "papers": 1500}
        ]
        with pytest.raises(ClaimDiffersError) as refused:
            check_claim(claim, by="clerk")
    assert refused.value.data["journals"] == [f"capture:{first.payment_no}"]
    assert SubsidyClaim.objects.get().status == "draft"


def test_a_journal_nobody_can_explain_is_named(october):
    with on(10, 30), transaction.atomic():
        post(
            ref="strange:1",
            kind="strange",
            debits=[Leg(SUBSIDY_RECEIVABLE, Money(5), party=GIVER, reference=CAMPAIGN)],
            credits_=[Leg(PLATFORM_CAPITAL, Money(5))],
        )
    with on(11, 1):
        claim = draft_claim(**OF, month=OCTOBER)
    assert claim.differences == [{"ref": "strange:1", "books": 5, "papers": None}]
    assert claim.ledger_minor == claim.amount_minor + 5


@pytest.mark.parametrize(
    "attack",
    [
        lambda claim: SubsidyClaim.objects.filter(pk=claim.pk).update(
            amount_minor=1, given_minor=1, returned_minor=0, ledger_minor=1
        ),
        lambda claim: SubsidyClaim.objects.filter(pk=claim.pk).update(status="draft"),
        lambda claim: SubsidyClaim.objects.filter(pk=claim.pk).update(sha256="0" * 64),
        lambda claim: claim.lines.update(note="x"),
        lambda claim: claim.lines.all()._raw_delete("default"),
        lambda claim: ClaimLine.objects.create(
            claim=claim, number=99, kind="order", subject_no="P", day=OCTOBER
        ),
        lambda claim: SubsidyClaim.objects.filter(pk=claim.pk)._raw_delete("default"),
        lambda claim: SubsidyClaim.objects.filter(pk=claim.pk).update(issued_by="clerk"),
    ],
)
def test_the_database_keeps_an_issued_claim(october, attack):
    with on(11, 1):
        claim = issued()
        with pytest.raises(IntegrityError), transaction.atomic():
            attack(claim)
    assert broken() == []


def test_discounts_of_two_campaigns_are_two_claims(october):
    with on(10, 23):
        paid(8000, 700, ref="GOV-HZ:double11")
    with on(11, 1):
        one, other = issued(), issued(giver="GOV-HZ", campaign="double11")
    assert (one.claim_no, other.claim_no) == ("CCB-202610-01", "GOV-HZ-202610-01")
    assert (one.amount_minor, other.amount_minor) == (2169, 700)
    assert balance("1131") == 2869
    assert broken() == []
