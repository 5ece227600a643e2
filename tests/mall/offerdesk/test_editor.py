"""The editor: amounts in yuan, what makes no sense is said in words, the rule is written out."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from mall.banks.roles import Role
from mall.offerdesk.sentences import rule_in_words
from mall.promotions.models import BankOffer, Proposal
from tests.mall.banks.making import make_bank, make_branch, make_clerk
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
ADD = "/admin/promotions/bankoffer/add/"


@pytest.fixture
def branch():
    return make_branch(make_bank())


@pytest.fixture
def editor(branch) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_clerk(branch, Role.EDITOR))
    return client


def _kept(editor: Client, said: dict[str, object]) -> BankOffer:
    answer = editor.post(ADD, said)
    errors = answer.context["form"].errors if answer.context else {}
    assert answer.status_code == 302, errors
    return BankOffer.objects.get()


def test_what_is_typed_in_yuan_is_kept_in_fen(editor, offer_said, branch):
    offer = _kept(editor, offer_said(owner=branch.pk))

    assert (offer.threshold_minor, offer.discount_minor, offer.most_minor) == (20000, 1600, 1600)
    assert offer.budget_minor == 5_000_000
    assert (offer.issuers, offer.kinds, offer.weekdays) == (["CCB"], ["credit"], [3])
    assert (offer.owner, offer.funder_ref, offer.state) == (branch, "CCB", BankOffer.State.DRAFT)
    assert offer.code


def test_steps_hours_and_funders_are_rows(editor, offer_said, branch):
    offer = _kept(
        editor,
        offer_said(
            **{
                "owner": branch.pk,
                "benefit_kind": "steps",
                "steps-from": ["200", "100", ""],
                "steps-off": ["16", "5.50", ""],
                "hours-start": ["10:00", ""],
                "hours-end": ["12:00", ""],
                "funding-funder": ["bank", "platform", "bank"],
                "funding-percent": ["70", "30", ""],
                "funding-ref": ["", "", ""],
            }
        ),
    )

    assert offer.steps == [[10000, 550], [20000, 1600]]
    assert (offer.threshold_minor, offer.discount_minor, offer.most_minor) == (10000, 550, 1600)
    assert offer.hours == [["10:00", "12:00"]]
    assert offer.funding == [
        {"funder": "bank", "percent": 70},
        {"funder": "platform", "percent": 30},
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"discount_minor": "200"}, ("discount_minor", "less than")),
        ({"threshold_minor": "two hundred"}, ("threshold_minor", "not an amount")),
        ({"threshold_minor": "200.005"}, ("threshold_minor", "not an amount")),
        ({"funding-percent": ["90"]}, ("funding", "Together they pay 90")),
        ({"ends_at": "2026-11-30T00:00"}, ("ends_at", "after it begins")),
        ({"bins": "6253"}, ("bins", "six to eight")),
        ({"hours-start": ["9"], "hours-end": ["12:00"]}, ("hours", "no time of a day")),
        ({"benefit_kind": "steps"}, ("steps", "")),
        ({"benefit_kind": "percent"}, ("percent_bp", "")),
        ({"name": ""}, ("name", "required")),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    editor, offer_said, branch, changes, expected
):
    field, words = expected

    answer = editor.post(ADD, offer_said(owner=branch.pk, **changes))

    assert answer.status_code == 200
    assert words in str(answer.context["form"].errors[field])
    assert not BankOffer.objects.exists()


def test_the_rule_is_written_out_while_it_is_typed(editor, offer_said, branch):
    url = reverse("admin:promotions_bankoffer_all_summary")

    shown = editor.post(url, offer_said(owner=branch.pk)).content.decode()
    begun = editor.post(url, {"name": "新"}).content.decode()

    assert "¥16 off from ¥200" in shown
    assert "Only on Wednesday." in shown
    assert "Its budget is ¥50,000." in shown
    assert "Not right yet" not in shown
    assert "Not right yet" in begun


def test_a_sentence_says_every_part_of_a_rule(branch):
    offer = make_offer(
        owner=branch,
        weekdays=[3],
        month_days=[8, 18],
        hours=[["10:00", "12:00"]],
        resident_day_limit=1,
        budget_minor=5_000_000,
    )

    with translation.override("en"):
        said = rule_in_words(offer)

    for part in (
        "credit card of",
        "UnionPay mark only",
        "¥16 off from ¥200",
        "Only physical goods count.",
        "Wednesday",
        "8, 18",
        "10:00–12:00",
        "1 × a day per resident",
        "¥50,000",
        "100 % by the bank",
    ):
        assert part in said, said


def test_a_launched_rule_leads_to_a_new_version(editor, branch):
    offer = make_offer(owner=branch)
    edit = reverse("admin:promotions_bankoffer_edit", args=[offer.pk])
    act = reverse("admin:promotions_bankoffer_act", args=[offer.pk])

    assert editor.get(edit).status_code == 302
    editor.post(act, {"what": "new_version"})

    draft = BankOffer.objects.get(version=2)
    assert (draft.state, draft.code, draft.owner) == (BankOffer.State.DRAFT, offer.code, branch)


def test_versions_are_compared_in_words(editor, branch):
    offer = make_offer(owner=branch, weekdays=[3])
    make_offer(
        owner=branch, version=2, state=BankOffer.State.DRAFT, discount_minor=2000, weekdays=[5]
    )

    shown = editor.get(reverse("admin:promotions_bankoffer_versions", args=[offer.pk])).content

    text = shown.decode()
    assert "<del>¥16</del>" in text
    assert "<ins>¥20</ins>" in text
    assert "<del>Wednesday</del>" in text


def test_where_one_person_is_enough_it_happens_at_once_and_is_kept_as_such(
    editor, branch, settings
):
    settings.LINLI_OFFERS_FOUR_EYES = False
    offer = make_offer(owner=branch, state=BankOffer.State.DRAFT)
    act = reverse("admin:promotions_bankoffer_act", args=[offer.pk])

    assert b"A second person" not in editor.get(act, {"what": "launch"}).content
    editor.post(act, {"what": "launch", "reason": "allein"})

    offer.refresh_from_db()
    assert offer.state == BankOffer.State.ACTIVE
    assert Proposal.objects.get().status == Proposal.Status.WAIVED
