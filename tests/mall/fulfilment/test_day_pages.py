"""The pages of the day: a leader sees her own only, strange input is a sentence, never a 500."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from groupleader.models import Leader
from mall.fulfilment.models import Arrival, ArrivalLine, Delivery, Route, SortingReport
from mall.fulfilment.planning import plan_day
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment, Status
from tests.factories.groups import item_of, make_person, make_point
from tests.mall.fulfilment.day import buy, form, jpeg
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/admin/fulfilment/delivery/board/"


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    group = make_worked_group()
    buy(group, acquirer, name="王阿姨", first=2, third=1)
    buy(group, acquirer, name="李小娟", first=1, second=1)
    form(group)
    return group


def sign_in(client, user):
    Leader.objects.get_or_create(
        user=user, defaults={"name": "王姐", "status": Leader.Status.ACTIVE}
    )
    client.force_login(user)
    return client


@pytest.fixture
def leader(client, group):
    return sign_in(client, group.leader)


def counts(group, first=3, second=1, third=1, **more):
    figures = {1: first, 2: second, 3: third}
    return {f"item-{item_of(group, n).pk}": count for n, count in figures.items()} | more


def test_a_short_delivery_is_shown_before_it_is_taken_in(leader, group):
    page = f"/leader/arrivals/{group.pk}/"

    shown = leader.post(page, counts(group, first=1))
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "60.00" in text
    assert not Arrival.objects.exists()

    seen = shown.context["seen"]
    photo = SimpleUploadedFile("a.jpg", jpeg(), content_type="image/jpeg")
    wish = counts(group, first=1, seen=seen, note="少了两个", signer="王姐", photos=photo)
    done = leader.post(page, wish)

    assert done["Location"] == f"/leader/sorting/{group.pk}/"
    arrival = Arrival.objects.get()
    assert (arrival.signer, arrival.note, arrival.photos.count()) == ("王姐", "少了两个", 1)
    assert "少了两个" in leader.get(page).content.decode()


def test_what_was_shown_and_is_no_more_is_shown_again(leader, group):
    page = f"/leader/arrivals/{group.pk}/"
    stale = leader.post(page, counts(group, first=1, seen="2:1"))
    assert (stale.status_code, Arrival.objects.count()) == (200, 0)


def test_all_here_is_one_tap(leader, group):
    leader.post(f"/leader/arrivals/{group.pk}/", {"all": "1"})
    assert [line.received for line in ArrivalLine.objects.order_by("item")] == [3, 1, 1]
    assert set(OrderFulfilment.objects.values_list("status", flat=True)) == {Status.ARRIVED}


@pytest.mark.parametrize("wrong", ["", "-1", "x", "９", "9" * 30, "999999", "1\x00"])
def test_a_count_that_is_none_is_a_sentence(leader, group, wrong):
    answer = leader.post(f"/leader/arrivals/{group.pk}/", counts(group, first=wrong))
    assert answer.status_code in {200, 400, 409}
    assert not Arrival.objects.exists()


def test_a_file_that_is_no_picture_is_refused(leader, group):
    page = f"/leader/arrivals/{group.pk}/"
    seen = leader.post(page, counts(group, first=1)).context["seen"]
    file = SimpleUploadedFile("a.jpg", b"<script>", content_type="image/jpeg")
    answer = leader.post(page, counts(group, first=1, seen=seen, photos=file))
    assert answer.status_code == 400
    assert not Arrival.objects.exists()


def arrived(leader, group):
    leader.post(f"/leader/arrivals/{group.pk}/", {"all": "1"})
    return f"/leader/sorting/{group.pk}/"


def test_sorting_goes_on_where_another_phone_stopped(leader, group):
    page = arrived(leader, group)
    first = OrderFulfilment.objects.order_by("pk").first()
    line = first.lines.order_by("pk").first()

    tick = {"what": "line", "number": line.pk, "on": "1", "by": "neighbour"}
    leader.post(f"{page}tick/", tick)
    leader.post(f"{page}tick/", tick)
    again = leader.get(page)
    assert (again.context["board"].lines_in, again.context["board"].bags_done) == (1, 0)

    part = leader.post(
        f"{page}tick/",
        {"what": "bag", "number": first.order_no, "on": "1", "by": "neighbour"},
        headers={"HX-Request": "true"},
    )
    assert part.context["board"].bags_done == 1
    assert part.context["order"].order_no != first.order_no
    for by in ("neighbour", "product", "short", "nonsense"):
        assert leader.get(page, {"by": by}).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"what": "line", "number": "x"},
        {"what": "line", "number": "9" * 40},
        {"what": "item", "number": "99999999"},
        {"what": "bag", "number": "M\x00"},
    ],
)
def test_a_strange_tick_is_no_500(leader, group, wish):
    page = arrived(leader, group)
    assert leader.post(f"{page}tick/", wish).status_code in {302, 400, 404}


def test_a_report_reaches_the_office_and_its_answer_the_leader(leader, group, admin_client):
    page = arrived(leader, group)
    item = item_of(group, 1).pk
    leader.post(f"{page}report/", {"item": item, "missing": "1", "wish": "w", "note": "坏了"})
    leader.post(f"{page}report/", {"item": item, "missing": "1", "wish": "w"})
    leader.post(f"{page}report/", {"item": "0", "missing": "9" * 30})
    report = SortingReport.objects.get()

    address = f"/admin/fulfilment/sortingreport/{report.pk}/change/"
    assert admin_client.get(address).status_code == 200
    admin_client.post(address, {"answer": "已补发"})

    assert "已补发" in leader.get(page, {"by": "short"}).content.decode()


def test_papers_and_labels_can_be_printed(leader, group):
    page = arrived(leader, group)
    for kind in ("pdf", "xlsx"):
        file = leader.get(f"{page}sheet.{kind}")
        assert len(b"".join(file.streaming_content)) > 1000
    assert leader.get(f"{page}sheet.exe").status_code == 404
    for width in ("80", "58", "7000"):
        text = leader.get(f"{page}labels/", {"width": width}).content.decode()
        assert text.count('class="label"') == 2
        assert "style=" not in text
    pdf = leader.get(f"{page}labels/", {"as": "pdf"})
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")


def test_another_leader_finds_nothing(client, group):
    other = make_point("别家店").leader
    sign_in(client, other)
    for path in ("sorting/{0}/", "sorting/{0}/labels/", "sorting/{0}/sheet.pdf", "arrivals/{0}/"):
        assert client.get(f"/leader/{path.format(group.pk)}").status_code == 404
    order = OrderFulfilment.objects.first()
    wish = {"what": "bag", "number": order.order_no, "on": "1"}
    assert client.post(f"/leader/sorting/{group.pk}/tick/", wish).status_code == 404
    assert client.post(f"/leader/arrivals/{group.pk}/", {"all": "1"}).status_code == 404
    assert not Arrival.objects.exists()


def test_the_board_its_rounds_and_their_papers(admin_client, group):
    Route.objects.create(name="南线", driver_name="小郑", driver_phone="1", is_default=True)
    day = group.group_buy.pickup_on
    admin_client.post(f"{BOARD}plan/", {"day": f"{day}"})
    delivery = Delivery.objects.get()

    board = admin_client.get(BOARD, {"day": f"{day}"})
    assert "王姐水果店" in board.content.decode()
    for show in ("unsent", "away", "short", "nonsense"):
        query = {"day": f"{day}", "show": show, "q": "王"}
        assert admin_client.get(BOARD, query).status_code == 200
    for strange in ("", "2026-99-99", "x" * 50):
        got = admin_client.get(BOARD, {"day": strange})
        assert got.status_code == 200
    page = f"/admin/fulfilment/delivery/{delivery.pk}"
    assert f"/d/{delivery.token}/" in admin_client.get(f"{page}/change/").content.decode()
    for kind in ("pdf", "xlsx"):
        for address in (f"{page}/paper.{kind}", f"{BOARD}paper.{kind}?day={day}"):
            assert len(b"".join(admin_client.get(address).streaming_content)) > 1000
    admin_client.post(f"{page}/link/")
    delivery.refresh_from_db()
    assert delivery.token not in board.content.decode()


def test_who_may_only_look_sends_nothing(client, group):
    plan_day(group.group_buy.pickup_on)
    clerk = make_person("文员", is_staff=True)
    clerk.user_permissions.add(
        Permission.objects.get(codename="view_delivery", content_type__app_label="fulfilment")
    )
    client.force_login(clerk)

    assert client.get(BOARD, {"day": f"{group.group_buy.pickup_on}"}).status_code == 200
    assert client.post(f"{BOARD}send/").status_code == 403
    assert client.get("/admin/fulfilment/shortage/share/").status_code == 403
    assert not Delivery.objects.exclude(asked_at=None).exists()


def test_staff_correct_a_count_with_a_reason(leader, group, admin_client):
    arrived(leader, group)
    arrival, line = Arrival.objects.get(), ArrivalLine.objects.order_by("item").first()
    page = f"/admin/fulfilment/arrival/{arrival.pk}"
    assert admin_client.get(f"{page}/change/").status_code == 200

    admin_client.post(f"{page}/correct/", {"line": line.pk, "received": "2", "reason": ""})
    assert not line.corrections.exists()
    admin_client.post(f"{page}/correct/", {"line": line.pk, "received": "2", "reason": "漏数"})
    admin_client.post(f"{page}/correct/", {"line": line.pk, "received": "2", "reason": "漏数"})

    assert line.corrections.count() == 1
    assert "漏数" in admin_client.get(f"{page}/change/").content.decode()
    assert admin_client.get("/admin/fulfilment/shortage/").status_code == 200
