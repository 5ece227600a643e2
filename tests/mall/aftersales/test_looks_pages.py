"""Every page of cases, filled, empty and refused: sound on phone and desk, light and dark."""

from __future__ import annotations

import pytest
from django.test import Client

from mall.aftersales.deciding import offer, reject
from mall.aftersales.models import AfterSalesCase
from mall.aftersales.talking import write
from mall.aftersales.worth import Claimed
from tests.browser.pages import PHONE
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader
from tests.mall.aftersales.complaining import collected_order, complain, lines_of, photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
DESK = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN"}
LOOKS = {"phone, dark": (PHONE, "dark"), "desk": (DESK, "light")}


@pytest.fixture(params=LOOKS)
def walk(request, browser, live_mall, witness, assert_page_is_sound):
    """``walk(person, addresses)`` looks at each page of a person's."""
    options, colours = LOOKS[request.param]

    def go(person, addresses: list[str]) -> None:
        client = Client()
        client.force_login(person)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context = browser.new_context(**options, color_scheme=colours)
        context.add_cookies([{**cookie, "url": live_mall.url}])
        witness.watch(context)
        page = context.new_page()
        for address in addresses:
            page.goto(f"{live_mall.url}{address}")
            assert_page_is_sound(page)
        context.close()

    return go


def test_the_pages_of_cases_are_sound(walk):
    # First, so that the two makers of people never give out one number.
    leader = make_leader("王秀兰")
    order = collected_order(resident=make_person("王阿姨", phone="+8613700000001"))
    offered = complain(order, line=1, quantity=1, photos=[photo(), photo("blue")])
    rejected = complain(order, line=2, quantity=1)
    AfterSalesCase.objects.update(leader=leader.user)
    talk = {"case_no": offered.case_no, "role": "leader", "by": leader.user}
    write(**talk, text="麻烦再拍一张底部的照片", key="m")
    offer(**talk, claimed=Claimed(payer_minor=2000), text="只坏了两个")
    no = "照片里看不出问题，请补一张"
    reject(case_no=rejected.case_no, by=leader.user, role="leader", text=no)
    open_line = lines_of(order)[0].pk

    walk(
        order.resident,
        [
            f"/orders/{order.order_no}/",
            f"/orders/{order.order_no}/lines/{open_line}/wrong/",
            "/cases/",
            f"/cases/{offered.case_no}/",
            f"/cases/{rejected.case_no}/",
        ],
    )
    walk(make_person("新来的", phone="+8613700000002"), ["/cases/"])
    waiting = complain(order, line=0, quantity=1)
    AfterSalesCase.objects.filter(pk=waiting.pk).update(leader=leader.user)
    walk(
        leader.user,
        [
            "/leader/cases/",
            "/leader/cases/?show=others",
            "/leader/cases/?show=done",
            f"/leader/cases/{waiting.case_no}/",
            f"/leader/cases/{offered.case_no}/",
        ],
    )
