"""The pages of vouchers: claiming with and without JavaScript, the wallet, a counter."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from mall.vouchers.codes import code_for
from mall.vouchers.models import Redemption, Voucher
from payments.api import business_date, now
from tests.factories.groups import make_person
from tests.mall.vouchers.batches import (
    make_batch,
    make_merchant,
    make_round,
    make_voucher,
    pay_with,
    put_on_order,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["django_language"] = "en"
    yield
    translation.deactivate()


@pytest.fixture
def resident(client):
    person = make_person()
    client.force_login(person)
    return person


def claim_url(claim_round) -> str:
    return reverse("storefront:claim-voucher", args=[claim_round.pk])


def text_of(answer) -> str:
    return answer.content.decode()


def test_everybody_sees_the_rounds_and_signs_in_to_claim(client):
    claim_round = make_round()
    at = now() + timedelta(hours=3)
    make_round(opens_at=at, closes_at=at + timedelta(hours=1))

    hall = text_of(client.get("/vouchers/"))
    plain = client.post(claim_url(claim_round), {"click": "a"})
    by_page = client.post(claim_url(claim_round), {"click": "a"}, headers=HTMX)

    assert "Sign in and claim" in hall
    assert "data-until" in hall
    assert plain.url == "/sign-in/?next=%2Fvouchers%2F"
    assert by_page.headers["HX-Redirect"] == plain.url
    assert Voucher.objects.count() == 0


def test_claiming_without_and_with_javascript(client, resident):
    first, second = make_round(), make_round()

    plain = client.post(claim_url(first), {"click": "a"}, follow=True)
    part = client.post(claim_url(second), {"click": "b"}, headers=HTMX)
    again = client.post(claim_url(second), {"click": "c"}, headers=HTMX)

    assert "Yours: ¥30 off" in text_of(plain)
    assert 'id="round-' in text_of(part)
    assert "You have it." in text_of(part)
    assert "You already have this voucher" in text_of(again)
    assert Voucher.objects.filter(resident=resident).count() == 2


def test_a_round_says_why_it_gives_nothing(client, resident):
    gone = make_round(stock=1)
    client.post(claim_url(gone), {"click": "a"})
    client.force_login(make_person())
    make_round(make_batch(audience="card_holders", issuers=["CCB"]))

    late = client.post(claim_url(gone), {"click": "b"}, headers=HTMX)
    hall = text_of(client.get("/vouchers/"))

    assert "All vouchers of this round are gone" in text_of(late)
    assert "Tie a bank card first." in hall
    assert client.get("/vouchers/rounds/0/", headers=HTMX).status_code == 404
    assert client.get(f"/vouchers/rounds/{gone.pk}/").url == "/vouchers/"


def test_the_wallet_has_three_parts(client, resident, django_assert_max_num_queries):
    soon = make_voucher(resident, make_batch(name="快到期", valid_hours=5))
    used = make_voucher(resident, make_batch(name="已用过"))
    waiting = make_voucher(resident, make_batch(name="在订单里"))
    pay_with(used, "M1")
    put_on_order(waiting, "M2")
    make_voucher(batch=make_batch(name="别人的"))

    with django_assert_max_num_queries(8):
        usable = text_of(client.get("/vouchers/mine/"))
    spent = text_of(client.get("/vouchers/mine/?tab=used"))

    assert "快到期" in usable
    assert "Expires soon" in usable
    assert "On an unpaid order" in usable
    assert "别人的" not in usable + spent
    assert "已用过" in spent
    assert "Nothing expired" in text_of(client.get("/vouchers/mine/?tab=expired"))
    with time_machine.travel(soon.expires_at, tick=False):
        client.force_login(resident)
        assert "快到期" in text_of(client.get("/vouchers/mine/?tab=expired"))
        assert "快到期" not in text_of(client.get("/vouchers/mine/"))


def test_one_voucher_and_its_code(client, resident):
    online = make_voucher(resident)
    both = make_voucher(resident, make_batch(place="both"))

    shop = text_of(client.get(f"/vouchers/{online.voucher_no}/"))
    counter = text_of(client.get(f"/vouchers/{both.voucher_no}/"))
    code = code_for(voucher_no=both.voucher_no, resident_id=resident.pk).code
    part = client.get(f"/vouchers/{both.voucher_no}/code/", headers=HTMX)

    assert "Use it now in the shop" in shop
    assert "At the counter" not in shop
    assert f"{code[:4]} {code[4:]}" in counter
    assert code[:4] in text_of(part)
    pay_with(both)
    gone = client.get(f"/vouchers/{both.voucher_no}/code/", headers=HTMX)
    assert gone.headers["HX-Refresh"] == "true"
    client.force_login(make_person())
    assert client.get(f"/vouchers/{both.voucher_no}/").status_code == 404


@pytest.fixture
def counter(client):
    cashier = make_person("何师傅")
    merchant = make_merchant(cashier)
    client.force_login(cashier)
    voucher = make_voucher(batch=make_batch(place="both", threshold_minor=5000))
    code = code_for(voucher_no=voucher.voucher_no, resident_id=voucher.resident_id)
    return merchant, voucher, code


def test_a_counter_from_the_code_to_the_statement(client, counter):
    _merchant, voucher, code = counter
    wish = {"voucher_no": voucher.voucher_no}

    wrong = text_of(client.post("/redeem/", {"code": "00000000"}))
    found = text_of(client.post("/redeem/", {"code": code.code}))
    short = text_of(client.post("/redeem/take/", wish | {"bill": "49.99"}))
    typo = text_of(client.post("/redeem/take/", wish | {"bill": "a lot"}))
    assert "for example 128.50" in text_of(
        client.post("/redeem/take/", wish | {"bill": "1e99999999"})
    )
    asked = text_of(client.post("/redeem/take/", wish | {"bill": "￥1,128.50"}))
    assert Redemption.objects.count() == 0
    done = text_of(client.post("/redeem/take/", wish | {"bill": "1128.50", "confirm": "1"}))

    assert "4 more tries" in wrong
    assert voucher.batch.name in found
    assert "¥0.01 short" in short
    assert "for example 128.50" in typo
    assert "¥1,098.50" in asked
    assert "¥30.00 taken off" in done
    month = f"{business_date():%Y-%m}"
    assert "¥30.00" in text_of(client.get(f"/redeem/statement/?month={month}"))
    export = client.get(f"/redeem/statement/?month={month}&export=csv")
    told = b"".join(export.streaming_content).decode()
    assert Redemption.objects.get().redemption_no in told
    assert client.get(f"/redeem/statement/?month={month}&export=xlsx").status_code == 200


def test_undoing_at_the_counter(client, counter):
    _merchant, voucher, code = counter
    client.post("/redeem/", {"token": code.token}, headers=HTMX)
    client.post(
        "/redeem/take/",
        {"voucher_no": voucher.voucher_no, "bill": "60", "confirm": "1"},
        headers=HTMX,
    )
    done = Redemption.objects.get()

    undone = client.post(f"/redeem/{done.redemption_no}/undo/", headers=HTMX)

    assert "Undone." in text_of(undone)
    voucher.refresh_from_db()
    assert voucher.state == Voucher.State.RETURNED
    assert client.post("/redeem/N0/undo/").status_code == 404


def test_a_counter_is_for_its_people(client, counter):
    _merchant, voucher, code = counter
    assert client.get(f"/redeem/t/{code.token}/").status_code == 200
    late = client.post("/redeem/take/", {"voucher_no": "V0", "bill": "60"})
    assert "took too long" in text_of(late)

    client.force_login(voucher.resident)
    assert client.get("/redeem/").status_code == 403
    client.logout()
    assert client.get("/redeem/").url == "/sign-in/?next=/redeem/"
