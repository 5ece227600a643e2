"""Posters: pictures of a group with a code to scan, drawn once, without anybody's name."""

from __future__ import annotations

import io

import pytest
from django.core.cache import cache
from django.test import Client
from PIL import Image

from mall.groupbuy.models import GroupBuyItem
from mall.groupbuy.selectors import group_page
from mall.storefront.posters import content
from mall.storefront.posters.content import picture_of, poster_of
from mall.storefront.posters.drawing import Kind
from mall.storefront.posters.sheet import in_font, wrapped
from tests.factories.groups import item_of, make_item_plan, make_open_group, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    cache.clear()
    return make_open_group(items=[make_item_plan(make_product(f"荔枝{n}")) for n in range(3)])


@pytest.mark.parametrize("query", ["", "?kind=item&item={item}", "?kind=arrived"])
def test_a_poster_is_a_picture_of_750_by_1334_and_not_heavy(group, query):
    url = f"/g/{group.share_code}/poster.jpg" + query.format(item=item_of(group).pk)

    response = Client().get(url)

    assert response["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(response.content)).size == (750, 1334)
    assert len(response.content) < 200_000
    assert "Set-Cookie" not in response.headers
    again = Client().get(url, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_same_content_is_drawn_once_and_a_new_price_anew(group, monkeypatch):
    drawn = []
    draw = content.draw
    monkeypatch.setattr(content, "draw", lambda poster: drawn.append(1) or draw(poster))
    before = poster_of(group_page(group.share_code), Kind.GROUP)

    assert picture_of(before) == picture_of(before)
    GroupBuyItem.objects.filter(pk=item_of(group).pk).update(sold=7)
    assert poster_of(group_page(group.share_code), Kind.GROUP).version == before.version
    GroupBuyItem.objects.filter(pk=item_of(group).pk).update(price_minor=1234)
    after = poster_of(group_page(group.share_code), Kind.GROUP)
    picture_of(after)

    assert after.version != before.version
    assert len(drawn) == 2


def test_nobody_is_named_on_it(group):
    poster = poster_of(group_page(group.share_code), Kind.GROUP)

    assert group.leader.display_name not in str(poster)


@pytest.mark.parametrize("query", ["?kind=nothing", "?kind=item", "?kind=item&item=0"])
def test_a_poster_of_nothing_is_not_found(group, query):
    assert Client().get(f"/g/{group.share_code}/poster.jpg{query}").status_code == 404
    assert Client().get("/g/NOWHERE1/poster.jpg").status_code == 404


def test_text_is_broken_to_fit_and_unknown_letters_are_left_out():
    assert in_font("土鸡蛋🥚 30 枚") == "土鸡蛋 30 枚"
    rows = wrapped("海南妃子笑荔枝现摘现发坏果包赔" * 3, size=40, width=300, lines=2)
    assert len(rows) == 2
    assert rows[-1].endswith("…")
    assert wrapped("", size=20, width=100, lines=1) == []


def test_a_shared_link_shows_title_price_and_picture(group):
    html = Client().get(f"/g/{group.share_code}/").content.decode()

    for name in ("og:title", "og:description", "og:image", "og:url"):
        assert f'property="{name}"' in html
    assert f"/g/{group.share_code}/poster.jpg" in html
