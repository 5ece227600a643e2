"""The pattern book: every part of our pages in every state, for those who draw new pages."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from payments.api import now

PICTURES = Path(settings.BASE_DIR) / "mall" / "catalogue" / "demo_media"


def styleguide(request: HttpRequest) -> HttpResponse:
    """All components with invented contents; exists only while DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    messages.success(request, "已加入购物车")
    return render(request, "styleguide.html", {**_shelf(), **_money(), **_order(), **_clock()})


def _picture(slug: str) -> str:
    raw = base64.b64encode((PICTURES / f"{slug}.webp").read_bytes()).decode()
    return f"data:image/webp;base64,{raw}"


def _card(number: int, slug: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": title,
        "url": "#",
        "picture": _picture(slug),
        "tags": [{"text": "产地直采", "kind": ""}, {"text": "坏果包赔", "kind": "leaf"}],
        "sold": 326,
        "left": 90,
        "low": False,
        "note": "明日 16:00 后自提",
        "price_minor": 3990,
        "strike_minor": 5900,
        "quantity": 0,
        "max_quantity": 9,
        "state": "open",
        "set_url": "#",
        **more,
    }


def _shelf() -> dict[str, Any]:
    soldout = {"state": "sold_out", "left": 0, "tags": [], "price_minor": 2550}
    return {
        "cards": [
            _card(1, "feizixiao-lychee", "海南妃子笑荔枝 5斤装 现摘现发"),
            _card(2, "yantai-fuji-apple", "烟台红富士苹果 10斤 脆甜多汁", quantity=2),
            _card(3, "free-range-eggs", "本地土鸡蛋 30枚 当日新鲜", quantity=1, low=True, left=7),
            _card(4, "wuchang-rice", "五常稻花香大米 10斤 当年新米", quantity=2, state="limit"),
            _card(5, "white-shrimp", "鲜活基围虾 500g 30-40头", **soldout),
            _card(6, "fresh-milk", "本地牧场鲜牛奶 950ml×2 巴氏杀菌", state="closed"),
        ],
        "basket": {
            "count": 3,
            "payable_minor": 10970,
            "saved_minor": 3440,
            "basket_url": "#",
            "checkout_url": "#",
            "goal": {
                "reached": False,
                "missing_minor": 9030,
                "saving_minor": 1600,
                "threshold_minor": 20000,
                "now_minor": 10970,
                "who": "建设银行信用卡",
                "url": "#",
            },
        },
    }


def _money() -> dict[str, Any]:
    def way(value: str, name: str, **more: Any) -> dict[str, Any]:
        return {"value": value, "name": name, "short": name[:1], **more}

    ccb = {"issuer_code": "CCB", "detail": "信用卡 尾号 6688"}
    psbc = {"issuer_code": "PSBC", "detail": "储蓄卡 尾号 3301"}
    cmbc = {"issuer_code": "CMBC", "detail": "信用卡 尾号 0192"}
    return {
        "ways": [
            way("1", "建设银行", saving_minor=1600, best=True, checked=True, **ccb),
            way("2", "邮储银行", about_text="支付时约减 ¥8，以银行为准", **psbc),
            way("3", "民生银行", hint="该卡已停用", disabled=True, **cmbc),
            {"value": "cashier", "name": "其他银行卡或扫码支付", "mark": "qr-code"},
        ],
        "lines": [
            {"label": "商品", "minor": 21300},
            {"label": "春季消费券", "minor": -500, "who": "由政府承担"},
            {"label": "建行信用卡满200减16", "minor": -1600, "who": "由建设银行承担"},
        ],
        "bank_cards": [
            {"issuer_code": code, "issuer_name": name, "kind_text": kind, "last4": last4}
            for code, name, kind, last4 in (
                ("CCB", "中国建设银行", "信用卡", "6688"),
                ("PSBC", "中国邮政储蓄银行", "储蓄卡", "3301"),
                ("CMBC", "中国民生银行", "信用卡", "0192"),
            )
        ],
        "offer": {
            "name": "建行信用卡满200减16",
            "state": "on",
            "state_text": "今天可用",
            "benefit": "满 ¥200 减 ¥16",
            "until": now() + timedelta(hours=3),
            "until_text": "距结束",
            "days": [
                {"name": name, "number": 22 + n, "text": name, "is_on": n % 2, "is_today": n == 0}
                for n, name in enumerate("一二三四五六日")
            ],
            "quotas": [{"text": "今日名额", "left": 213, "most": 500}],
        },
        "reached": {"reached": True, "saving_minor": 1600, "who": "建设银行信用卡"},
    }


def _order() -> dict[str, Any]:
    stages = (
        ("已支付 ¥192.00", "建设银行 6688", "done"),
        ("已截单，备货中", "本团 86 单", "done"),
        ("待提货", "货架 A-12", "now"),
        ("已完成", "", "next"),
    )
    return {
        "steps": [
            {"title": title, "text": text, "at": now() if text else None, "state": state}
            for title, text, state in stages
        ],
        "svg": "",
        "names": ["王秀兰", "李娟", "陈建国", "周小梅"],
    }


def _clock() -> dict[str, Any]:
    return {
        "now": now(),
        "until": now() + timedelta(hours=5, minutes=12),
        "pay_until": now() + timedelta(minutes=15),
        "past": now() - timedelta(minutes=1),
    }
