"""Taking goods off, moving, ordering otherwise, paying by a link: each with its figures first."""

from __future__ import annotations

import pytest
from django.test import Client

from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import GroupBuyItem
from mall.ordering.behalf import pay_link_of, place_for
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import pay_order
from payments.api import refunds_of
from tests.factories.groups import item_of, make_person, make_point
from tests.mall.ordering.shopping import fill, fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def resident(acquirer):
    return make_person("李小娟", phone="+8613912341234")


@pytest.fixture
def client(resident) -> Client:
    client = Client()
    client.force_login(resident)
    return client


@pytest.fixture
def group(acquirer):
    return make_worked_group()


@pytest.fixture
def order(group, resident, acquirer) -> OrderFulfilment:
    card = tie(resident, acquirer)
    placed = place(fill_worked(group, resident), resident, way=card)
    pay_order(order_no=placed.order_no, resident_id=resident.pk)
    return OrderFulfilment.objects.get(pk=placed.pk)


def _fields(order: OrderFulfilment, *quantities: int) -> dict[str, int]:
    lines = order.lines.order_by("pk")
    return {f"q-{line.pk}": n for line, n in zip(lines, quantities, strict=True)}


def _change(client: Client, order: OrderFulfilment, *quantities: int, **more: str):
    url = f"/orders/{order.order_no}/change/"
    return client.post(url, _fields(order, *quantities) | more)


def test_what_comes_back_is_shown_first_and_then_done_and_told(client, order):
    url = f"/orders/{order.order_no}/change/quote/"
    quoted = client.post(url, _fields(order, 1, 1, 1), HTTP_HX_REQUEST="true")
    assert quoted.context["change"].back_minor == 4900

    answer = _change(client, order, 1, 1, 1, back="4900")

    assert answer.url == f"/orders/{order.order_no}/"
    (refund,) = refunds_of(order.payment_no)
    assert refund.amount.minor == 4900
    page = client.get(answer.url)
    (line,) = [each for each in page.context["lines"] if each.backs]
    assert (line.left, line.backs[0].payer_minor) == (1, 4900)
    assert any(step.at for step in page.context["steps"] if step.state == "done")


def test_another_figure_than_shown_changes_nothing(client, order):
    answer = _change(client, order, 1, 1, 1, back="1")

    assert answer.status_code == 422
    assert refunds_of(order.payment_no) == []


def test_taking_everything_off_is_asked_once_more(client, order):
    asked = _change(client, order, 0, 0, 0, back="20800")
    assert asked.context["sure_needed"]
    assert refunds_of(order.payment_no) == []

    _change(client, order, 0, 0, 0, back="20800", sure="1")

    order.refresh_from_db()
    assert order.status == Status.REFUNDED


@pytest.mark.parametrize("quantities", [("9", "2", "1"), ("x", "", "-1"), ("9" * 400, "2", "1")])
def test_more_than_there_is_or_nonsense_changes_nothing(client, order, quantities):
    lines = order.lines.order_by("pk")
    fields = {f"q-{line.pk}": text for line, text in zip(lines, quantities, strict=True)}

    answer = client.post(f"/orders/{order.order_no}/change/", fields | {"back": "0"})

    assert answer.status_code in {200, 422}
    assert refunds_of(order.payment_no) == []


def test_after_the_cut_off_the_page_leads_back_to_the_order(client, order, group):
    cut_off_now(group_buy_id=group.group_buy_id)

    for page in ("change", "move"):
        assert client.get(f"/orders/{order.order_no}/{page}/").url == f"/orders/{order.order_no}/"


def test_nobody_changes_moves_or_gives_up_anothers_order(order):
    stranger = Client()
    stranger.force_login(make_person())
    base = f"/orders/{order.order_no}"

    answers = [
        stranger.get(f"{base}/change/"),
        stranger.post(f"{base}/change/", {"back": "0"}),
        stranger.post(f"{base}/change/quote/"),
        stranger.post(f"{base}/otherwise/"),
        stranger.get(f"{base}/move/"),
        stranger.post(f"{base}/move/", {"to": "1"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert Client().get(f"{base}/change/").url.startswith("/sign-in/")


def test_she_collects_elsewhere_after_seeing_the_new_place(client, order, group):
    there = make_point("李记便利店")
    other = group.group_buy.groups.create(
        pickup_point=there, leader=there.leader, state=group.state
    )
    listed = client.get(f"/orders/{order.order_no}/move/")
    assert [place.id for place in listed.context["places"]] == [other.pk]

    shown = client.get(f"/orders/{order.order_no}/move/?to={other.pk}")
    assert "李记便利店" in shown.content.decode()
    stale = client.post(f"/orders/{order.order_no}/move/", {"to": other.pk, "shown": "old"})
    done = client.post(
        f"/orders/{order.order_no}/move/", {"to": other.pk, "shown": shown.context["shown"]}
    )

    order.refresh_from_db()
    assert (stale.status_code, done.status_code) == (422, 302)
    assert order.group_id == other.pk
    assert client.get(f"/orders/{order.order_no}/move/?to=999999").status_code == 422


def test_an_unpaid_order_goes_back_into_the_basket(client, group, resident):
    order = place(fill(group, resident, first=2), resident, payable=6000)

    answer = client.post(f"/orders/{order.order_no}/otherwise/")

    assert answer.url == f"/g/{group.share_code}/basket/"
    assert client.get(answer.url).context["summary"].quantity == 2


def test_the_cut_off_during_the_checkout_leads_to_the_group_and_keeps_the_basket(
    client, group, resident
):
    fill_worked(group, resident)
    cut_off_now(group_buy_id=group.group_buy_id)

    answer = client.post(
        f"/g/{group.share_code}/checkout/",
        {
            "receiver_name": "李小娟",
            "receiver_phone": "13912341234",
            "way": "cashier",
            "expected_payable": "20800",
            "idem_key": "late",
        },
    )

    assert answer.url == f"/g/{group.share_code}/"
    assert not OrderFulfilment.objects.exists()
    assert client.get(f"/g/{group.share_code}/basket/").context["summary"].quantity == 4


def test_her_word_to_the_neighbours_and_no_name_reach_the_order(client, group, resident):
    fill(group, resident, first=1)
    client.post(
        f"/g/{group.share_code}/checkout/",
        {
            "receiver_name": "李小娟",
            "receiver_phone": "13912341234",
            "chain_remark": "要甜的",
            "is_anonymous": "on",
            "way": "cashier",
            "expected_payable": "3000",
            "idem_key": "chain",
        },
    )

    order = OrderFulfilment.objects.get()
    assert (order.chain_remark, order.is_anonymous) == ("要甜的", True)
    assert client.get(f"/g/{group.share_code}/").context["own_here"]


@pytest.fixture
def for_mother(group) -> OrderFulfilment:
    return place_for(
        leader=group.leader,
        group_id=group.pk,
        phone="13800138111",
        name="王秀英",
        items={item_of(group).pk: 2},
    )


def test_a_pay_link_shows_what_for_whom_and_until_when_without_an_account(for_mother):
    page = Client().get(f"/pay-for/{pay_link_of(for_mother)}/")

    html = page.content.decode()
    assert page.status_code == 200
    assert "王*英" in html
    assert "王秀英" not in html
    assert "13800138111" not in html
    assert "60.00" in html
    assert page["Cache-Control"].startswith("max-age=0")


def test_whoever_holds_the_link_pays_and_sees_that_it_is_paid(for_mother, acquirer):
    daughter = Client()
    url = f"/pay-for/{pay_link_of(for_mother)}/"

    wrong = daughter.post(url, {"expected_payable": "1"})
    sent = daughter.post(url, {"expected_payable": "6000"})
    for_mother.refresh_from_db()
    acquirer.sim_pay(for_mother.payment_no)
    result = daughter.get(f"/pay/{for_mother.payment_no}/result/")

    assert wrong.url == url
    assert sent.status_code == 302
    assert result.status_code == 200
    assert Client().get(f"/pay/{for_mother.payment_no}/result/").url.startswith("/sign-in/")
    for_mother.refresh_from_db()
    assert for_mother.status == Status.PAID
    assert daughter.get(url).context["order"]["state"] == "paid"


def test_whose_order_it_is_pays_on_her_own_page(for_mother):
    client = Client()
    client.force_login(for_mother.resident)

    answer = client.get(f"/pay-for/{pay_link_of(for_mother)}/")

    assert answer.url == f"/orders/{for_mother.order_no}/pay/"


@pytest.mark.parametrize("token", ["x", "M1~forged", "%F0%9F%A5%9A", "a" * 500])
def test_a_forged_link_opens_a_clear_page(acquirer, token):
    page = Client().get(f"/pay-for/{token}/")

    assert page.status_code == 404
    assert 'class="empty"' in page.content.decode()


def test_an_order_of_her_own_has_no_pay_link(order):
    assert Client().get(f"/pay-for/{pay_link_of(order)}/").status_code == 404


def test_sold_out_meanwhile_is_said_where_she_changes_it(client, order, group):
    GroupBuyItem.objects.filter(pk=item_of(group).pk).update(quota=1)

    assert client.get(f"/orders/{order.order_no}/change/").status_code == 200
