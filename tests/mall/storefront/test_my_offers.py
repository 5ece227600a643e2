"""My offers: what each card saves today and this week, what is left, and what else there is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from mall.insight.exposures import forget_seen
from mall.insight.models import Exposure
from mall.ordering.payer import payer_ref
from mall.promotions.models import BankOffer, OfferDay
from mall.storefront.my_offers import MyOffers, my_offers
from payments.api import SHANGHAI, agreements_of, business_date, now
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
# A Tuesday evening.
TUESDAY = datetime(2026, 11, 24, 18, 0, tzinfo=SHANGHAI)


@pytest.fixture
def resident(acquirer):
    person = make_person("李小娟")
    give_card(person)
    return person


def _offers(found: MyOffers) -> list[str]:
    return [offer.code for card in found.cards for offer in card.offers]


def test_each_card_has_its_own_offers_those_of_today_first(resident):
    give_card(resident, issuer_code="PSBC", issuer_name="邮储银行", kind="debit")
    with time_machine.travel(TUESDAY):
        make_offer(code="on-wednesdays", weekdays=[3], discount_minor=9000)
        make_offer(code="today")
        make_offer(code="psbc", issuers=["PSBC"], kinds=["debit"])
        make_offer(code="abc", issuers=["ABC"], kinds=[])

        found = my_offers(resident)

    shown = {card.issuer_code: [offer.code for offer in card.offers] for card in found.cards}
    assert shown == {"CCB": ["today", "on-wednesdays"], "PSBC": ["psbc"]}
    assert [offer.code for offer in found.to_get] == ["abc"]


def test_the_strip_shows_the_coming_seven_days(resident):
    with time_machine.travel(TUESDAY):
        make_offer(weekdays=[3, 6], ends_at=TUESDAY + timedelta(days=3))

        (card,) = my_offers(resident).cards

    days = card.offers[0].days
    assert [day.number for day in days] == [24, 25, 26, 27, 28, 29, 30]
    assert [day.number for day in days if day.is_on] == [25]  # on Saturday it is over
    assert [day.is_today for day in days] == [True] + [False] * 6


@pytest.mark.parametrize(
    ("hours", "until", "state"),
    [
        ([["10:00", "20:00"]], TUESDAY.replace(hour=20), "on"),
        ([["20:00", "22:00"]], TUESDAY.replace(hour=20), "off"),
        ([["22:00", "02:00"], ["17:00", "19:00"]], TUESDAY.replace(hour=19), "on"),
        ([["08:00", "09:00"]], None, "off"),
        ([], None, "on"),
    ],
)
def test_hours_have_a_clock_that_runs_down(resident, hours, until, state):
    with time_machine.travel(TUESDAY):
        make_offer(hours=hours)

        (card,) = my_offers(resident).cards

    assert (card.offers[0].until, card.offers[0].state) == (until, state)


def test_what_is_left_of_her_quota_and_of_everybodys_is_counted(resident):
    offer = make_offer(resident_day_limit=2, resident_month_limit=5, day_limit=500)
    group = make_worked_group()
    card = agreements_of(payer_ref(resident.pk))[0].agreement_no
    place(fill_worked(group, resident), resident, way=card, payable=19200)
    OfferDay.objects.filter(offer=offer, day=business_date()).update(used_count=286)

    (shown,) = my_offers(resident).cards

    left = {quota.most: quota.left for quota in shown.offers[0].quotas}
    assert left == {2: 1, 5: 4, 500: 213}


def test_the_page_without_cards_and_signed_out_shows_what_there_is_to_get(acquirer):
    make_offer()
    client = Client()
    stranger = client.get("/offers/")
    client.force_login(make_person("新邻居"))
    newcomer = client.get("/offers/")

    for page in (stranger, newcomer):
        assert page.status_code == 200
        assert [offer.name for offer in page.context["mine"].to_get] == ["满200减16"]
    assert "/sign-in/?next=/offers/" in stranger.content.decode()
    assert "/cards/" in newcomer.content.decode()


def test_what_she_sees_is_noted_once_a_day_and_nothing_of_strangers(resident):
    forget_seen()  # another test's residents had the same numbers
    make_offer()
    make_offer(code="abc", issuers=["ABC"], kinds=[])
    client = Client()
    client.get("/offers/")
    client.force_login(resident)
    client.get("/offers/")
    client.get("/offers/")

    rows = list(Exposure.objects.values_list("resident_id", "offer_code", "where"))
    assert rows == [(resident.pk, "ccb-200-16", "my_offers")]


def test_an_offer_that_is_over_or_paused_is_not_shown(resident):
    make_offer(code="over", ends_at=now() - timedelta(minutes=1))
    make_offer(code="paused", state=BankOffer.State.PAUSED)
    make_offer(code="runs")

    assert _offers(my_offers(resident)) == ["runs"]


def test_the_rule_is_told_in_plain_words_with_who_pays(resident):
    make_offer(
        benefit_kind="steps",
        steps=[[10000, 500], [30000, 2800]],
        funding=[{"funder": "bank", "percent": 60}, {"funder": "platform", "percent": 40}],
        weekdays=[2, 3],
        resident_day_limit=1,
        refund_policy="forfeit",
        terms="以活动公告为准",
    )
    client = Client()
    client.force_login(resident)

    html = client.get("/offers/", headers={"accept-language": "en"}).content.decode()

    for words in ("¥100", "¥28", "60%", "40%", "以活动公告为准"):
        assert words in html
