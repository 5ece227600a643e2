"""The guide to offers says what the code says: every step and every reason, and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from mall.promotions import reasons
from mall.promotions.models.states import OFFER_STEPS
from mall.promotions.wording import describe, describe_next_step

GUIDE = (Path(__file__).parents[3] / "docs" / "offers.md").read_text()
AT = datetime(2026, 11, 30, 16, tzinfo=UTC)
# an example of each, with the numbers its class asks for
EXAMPLES = [
    reasons.WrongCard(saves_minor=1600, part="kind"),
    reasons.TiedTooLongAgo(saves_minor=1600, within_days=7, last_on=date(2026, 11, 8)),
    reasons.NotANewCustomer(saves_minor=1600, since=AT),
    reasons.NotYet(saves_minor=1600, starts_at=AT),
    reasons.Over(saves_minor=1600),
    reasons.OtherWeekday(saves_minor=1600, weekdays=frozenset({3}), next_on=None),
    reasons.OtherMonthDay(saves_minor=1600, next_on=date(2026, 11, 28)),
    reasons.OtherHour(saves_minor=1600, hours=((time(20), time(22)),)),
    reasons.NoSuchGoods(saves_minor=1600),
    reasons.BelowThreshold(saves_minor=1600, missing_minor=2350),
    reasons.UsedUp(saves_minor=1600),
    reasons.UsedUpToday(saves_minor=1600),
    reasons.UsedUpThisMonth(saves_minor=1600),
    reasons.LimitReached(saves_minor=1600, subject="resident", period="day", most=1),
]


def table(heading: str) -> list[list[str]]:
    """The rows of a chapter's table."""
    chapter = GUIDE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in chapter.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def _is_reason(each: object) -> bool:
    base = reasons.Reason
    return isinstance(each, type) and issubclass(each, base) and each is not base


def test_the_guide_has_every_step():
    told = [(row[0], row[1], row[2], row[3]) for row in table("An offer's life")]

    assert told == [(s.no, str(s.came_from), str(s.to), s.when) for s in OFFER_STEPS]


def test_the_guide_has_every_reason_with_its_numbers_and_its_sentence(settings):
    settings.LANGUAGE_CODE = "en"
    told = {row[0]: row for row in table("Why an offer does not apply")}

    known = {each for each in vars(reasons).values() if _is_reason(each)}
    assert {type(each) for each in EXAMPLES} == known
    assert set(told) == {each.code for each in EXAMPLES}
    for each in EXAMPLES:
        _code, numbers, sentence = told[each.code]
        named = {field.name for field in fields(each)} - {"saves_minor"}
        assert set(re.findall(r"[a-z_]+", numbers.split(":")[0])) == named, each.code
        assert describe(each) == sentence


@pytest.mark.parametrize("subject", ["resident", "card", "device"])
@pytest.mark.parametrize("period", ["day", "month", "total"])
def test_a_limit_of_several_says_how_many(subject, period, settings):
    settings.LANGUAGE_CODE = "en"
    reason = reasons.LimitReached(saves_minor=1600, subject=subject, period=period, most=3)

    assert "3 times" in describe(reason)


def test_a_higher_step_is_told_beside_the_one_that_is_reached(settings):
    settings.LANGUAGE_CODE = "en"
    step = reasons.BelowThreshold(saves_minor=5000, missing_minor=1000)

    assert describe_next_step(step, saving_minor=1600) == (
        "Spend ¥10 more to save ¥50 instead of ¥16"
    )
    assert describe_next_step(step, saving_minor=0) == "Spend ¥10 more to save ¥50"
