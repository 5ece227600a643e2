"""The rules every page is held to do find a page that breaks them."""

from __future__ import annotations

import pytest

_SOUND = """<!doctype html><html lang="zh-Hans"><head><title>好</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>好</h1>{}</main></body></html>"""


@pytest.fixture
def show(page):
    def _show(part: str):
        page.route(
            "http://127.0.0.1:1/**",
            lambda route: route.fulfill(
                body=_SOUND.format(part), content_type="text/html; charset=utf-8"
            ),
        )
        page.goto("http://127.0.0.1:1/")
        return page

    return _show


def test_a_sound_page_passes(show, assert_page_is_sound):
    page = show(
        '<p>见<a href="/x">说明</a>。</p><button style="min-height:44px;width:99px">买</button>'
    )

    assert_page_is_sound(page)
    assert page.viewport_size == {"width": 390, "height": 844}
    assert page.evaluate("navigator.language") == "zh-CN"


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ('<div style="width:600px">宽</div>', "scrolls sideways"),
        ('<input aria-label="x" style="font-size:14px;height:48px;width:90px">', "text of 14 px"),
        ('<button style="height:30px;width:90px">买</button>', "90x30 px"),
        ('<a href="/x" style="display:block">更多</a>', "px: <a"),
        ("<script>console.error('broken')</script>", "broken"),
        ("<script>throw new Error('thrown')</script>", "thrown"),
        ('<img src="x.png">', "image-alt"),
        ("<script>fetch('http://127.0.0.1:2/').catch(() => 0)</script>", "asked other hosts"),
        (
            '<meta http-equiv="Content-Security-Policy" content="img-src data:"><img src="/y.png">',
            "img-src",
        ),
    ],
)
def test_a_page_that_breaks_a_rule_does_not(show, assert_page_is_sound, part, complaint):
    page = show(part)

    with pytest.raises(AssertionError, match=complaint):
        assert_page_is_sound(page)
