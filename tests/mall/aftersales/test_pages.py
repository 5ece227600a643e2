"""The pages of cases: for their people only, clear about what is wrong, never broken."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from mall.aftersales.deciding import approve, reject
from mall.aftersales.models import AfterSalesCase, CaseMessage, CasePhoto
from tests.factories.groups import make_person
from tests.groupleader.making import make_leader
from tests.mall.aftersales.complaining import (
    again,
    arrived_order,
    collected_order,
    complain,
    lines_of,
    make_staff,
    photo,
    reason,
)

pytestmark = pytest.mark.django_db


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def order():
    return collected_order()


def ask_page(order, line: int = 1) -> str:
    return reverse("storefront:case-ask", args=[order.order_no, lines_of(order)[line].pk])


def test_from_the_order_in_three_taps_to_a_case(order):
    client = as_(order.resident)
    assert ask_page(order) in client.get(f"/orders/{order.order_no}/").content.decode()
    page = client.get(ask_page(order))
    assert page.status_code == 200

    sent = {"reason": reason().pk, "how": "1", "photos": [photo(), photo("blue")], "key": "k1"}
    answer = client.post(ask_page(order), sent, follow=True)
    again_sent = {**sent, "photos": [photo()]}
    assert client.post(ask_page(order), again_sent, follow=True).status_code == 200

    case = AfterSalesCase.objects.get()
    assert (case.asked_quantity, case.photos.count()) == (1, 2)
    text = answer.content.decode()
    assert case.case_no in text
    assert case.case_no in client.get("/cases/").content.decode() or "/cases/" in text


def test_what_is_wrong_with_the_form_is_said(order):
    client = as_(order.resident)
    no_picture = SimpleUploadedFile("x.jpg", b"GIF89a", content_type="image/jpeg")
    for wrong, status in (
        ({"reason": ""}, 400),
        ({"reason": "9" * 30}, 400),
        ({"how": "99"}, 400),
        ({"how": "part", "amount": ""}, 400),
        ({"how": "part", "amount": "1e99"}, 400),
        ({"how": "part", "amount": "0.001"}, 400),
        ({"how": "part", "amount": "99999"}, 409),
        ({"photos": []}, 400),
        ({"photos": [no_picture]}, 400),
        ({"text": "字" * 501}, 400),
    ):
        sent = {"reason": reason().pk, "how": "1", "photos": [photo()], "key": "k", **wrong}
        assert client.post(ask_page(order), sent).status_code == status, wrong
    assert AfterSalesCase.objects.count() == 0


def test_photos_are_drawn_anew_and_shown_to_their_people_only(order, settings):
    exif = Image.Exif()
    exif[0x010F] = "谁的手机"
    case = complain(order, photos=[photo(exif=exif.tobytes())])
    found = CasePhoto.objects.get()
    page = reverse("storefront:case-photo", args=[found.name])

    with found.file.open("rb") as file, Image.open(file) as drawn:
        assert not drawn.getexif()
    assert str(settings.MEDIA_ROOT) not in found.file.path
    for person in (order.resident, case.leader, make_staff("客服")):
        answer = as_(person).get(page)
        assert answer.status_code == 200
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]
    for person in (make_person("路人"), make_leader("别的团长").user):
        assert as_(person).get(page).status_code == 404
    assert Client().get(page).status_code == 302
    missing = reverse("storefront:case-photo", args=["0" * 32])
    assert as_(order.resident).get(missing).status_code == 404


def test_other_peoples_cases_are_not_there(order):
    case = complain(order)
    stranger, other_leader = as_(make_person("路人")), as_(make_leader("别的团长").user)
    supplier = as_(make_person("供应商的人"))
    own = reverse("storefront:case", args=[case.case_no])
    led = reverse("groupleader:case", args=[case.case_no])
    desk = reverse("admin:aftersales_aftersalescase_change", args=[case.pk])

    for client in (stranger, other_leader, supplier, as_(case.leader)):
        assert client.get(own).status_code == 404
        assert client.get(ask_page(order)).status_code == 404
        for what in ("withdraw", "accept", "decline", "appeal", "write", "photos"):
            act = reverse("storefront:case-act", args=[case.case_no, what])
            assert client.post(act, {"text": "x"}).status_code == 404
    assert other_leader.get(led).status_code == 404
    for what in ("approve", "offer", "reject", "pass-on", "write"):
        act = reverse("groupleader:case-act", args=[case.case_no, what])
        assert other_leader.post(act, {"text": "x", "amount": "1"}).status_code == 404
    for client in (stranger, other_leader, as_(order.resident)):
        assert client.get(desk).status_code in {302, 403}
    assert again(case).status == "requested"
    assert CaseMessage.objects.count() == 0


def test_a_leader_decides_in_the_portal():
    leader = make_leader("王秀兰")
    order = collected_order()
    case = complain(order, quantity=1)
    AfterSalesCase.objects.filter(pk=case.pk).update(leader=leader.user)
    client = as_(leader.user)

    listed = client.get("/leader/cases/").content.decode()
    assert case.case_no in listed
    assert order.receiver_name not in listed
    assert order.receiver_phone not in listed
    page = client.get(f"/leader/cases/{case.case_no}/").content.decode()
    assert "¥39.20" in page.replace("￥", "¥")
    for amount in ("", "x", "-1", "1e999", "0.001"):
        for what in ("offer", "approve-part"):
            client.post(f"/leader/cases/{case.case_no}/{what}/", {"amount": amount, "text": "少"})
            assert again(case).turn == "leader"
    client.post(f"/leader/cases/{case.case_no}/write/", {"text": "再拍一张?", "key": "m"})
    client.post(f"/leader/cases/{case.case_no}/write/", {"text": "再拍一张?", "key": "m"})
    part = {"amount": "12.5", "text": "坏了一个"}
    client.post(f"/leader/cases/{case.case_no}/approve-part/", part)
    assert (again(case).status, again(case).given_minor) == ("refunding", 1250)
    assert CaseMessage.objects.count() == 1
    assert case.case_no in client.get("/leader/cases/?show=done").content.decode()
    assert client.get("/leader/").status_code == 200


def test_her_buttons_do_what_they_say(order):
    case = complain(order)
    client = as_(order.resident)
    base = f"/cases/{case.case_no}"

    client.post(f"{base}/write/", {"text": "还在等", "key": "a"})
    client.post(f"{base}/photos/", {"photos": [photo("green")]})
    assert again(case).photos.count() == 2
    too_many = {"photos": [photo() for _ in range(5)]}
    assert "6" in client.post(f"{base}/photos/", too_many, follow=True).content.decode()
    reject(case_no=case.case_no, by=case.leader, role="leader", text="看不出")
    assert "看不出" in client.get(f"{base}/").content.decode()
    client.post(f"{base}/appeal/", {"text": "请再看"})
    assert again(case).passed == "appeal"
    client.post(f"{base}/withdraw/")
    assert again(case).status == "cancelled"
    assert client.post(f"{base}/nothing/").status_code == 404


def test_the_mall_decides_exports_and_sees_figures(order, settings):
    settings.LINLI_CASE_TWO_PEOPLE_MINOR = 5000
    small, large = complain(order, line=1, quantity=1), complain(order, line=2, quantity=1)
    staff = make_staff("客服", "decide_aftersalescase", "compensate_aftersalescase")
    client, page = as_(staff), "/admin/aftersales/aftersalescase/"

    assert client.get(page).status_code == 200
    assert client.get(f"{page}?todo=leader").status_code == 200
    chosen = {"action": "approve_as_asked", "_selected_action": [small.pk, large.pk]}
    assert client.post(page, chosen, follow=True).status_code == 200
    assert (again(small).status, again(large).status) == ("refunding", "approved")
    act = reverse("admin:aftersales_act", args=[large.pk])
    assert client.post(act, {"what": "confirm"}).status_code == 403
    assert client.get(f"{page}{large.pk}/change/").status_code == 200
    goodwill = {"what": "goodwill", "amount": "1.50", "text": "抱歉", "key": "g"}
    for _twice in range(2):
        client.post(reverse("admin:aftersales_act", args=[small.pk]), goodwill)
    assert again(small).compensations.get().minor == 150
    for amount in ("", "abc", "-3", "1e400", "999"):
        assert client.post(act, {**goodwill, "amount": amount, "key": "h"}).status_code == 302
    assert large.compensations.count() == 0
    for kind in ("export_xlsx", "export_csv"):
        chosen = {"action": kind, "_selected_action": [small.pk, large.pk]}
        assert client.post(page, chosen).status_code == 200
    for by in ("supplier", "product", "reason", "leader", "nonsense"):
        figures = client.get(f"{page}figures/?by={by}&from=xx&until=9999-99-99")
        assert figures.status_code == 200
    assert client.get(f"{page}figures/?export=xlsx").status_code == 200
    row = client.get(f"{page}figures/?by=product").context["rows"][0]
    assert (row["cases"], row["pieces"]) in {(1, 1), (1, 2)}


def test_pages_read_with_a_constant_number_of_queries(order, django_assert_max_num_queries):
    case = complain(order)
    client = as_(order.resident)
    with django_assert_max_num_queries(14):
        assert client.get(f"/cases/{case.case_no}/").status_code == 200
    with django_assert_max_num_queries(10):
        assert client.get("/cases/").status_code == 200


def test_nothing_to_ask_yet_or_any_more():
    order = arrived_order()
    client = as_(order.resident)
    assert client.get(ask_page(order)).status_code == 200
    case = complain(order, quantity=2)
    approve(case_no=case.case_no, by=make_staff("客服"), role="mall")
    assert 'type="radio"' not in client.get(ask_page(order)).content.decode()
    assert client.get(f"/orders/{order.order_no}/lines/{2**80}/wrong/").status_code == 404
    assert client.get(f"/orders/{order.order_no}/lines/999999/wrong/").status_code == 404
