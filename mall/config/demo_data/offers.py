"""Bank offers: the one the mall exists for, a Wednesday one, debit cards, one the bank decides."""

from __future__ import annotations

from datetime import timedelta

from oscar.apps.catalogue.models import Product
from oscar.apps.offer.models import Range

from mall.banks.models import BankUnit
from mall.config.demo_data import bank_desk
from mall.config.demo_data.banks import CMBC, HANGZHOU, PSBC_HANGZHOU
from mall.promotions.approvals import Action, waive
from mall.promotions.lifecycle import begin_due
from mall.promotions.models import BankOffer
from mall.promotions.offer_approvals import OFFER
from payments.api import now

_EXCLUDED_CATEGORIES = ("日用百货",)


def load_offers(units: dict[str, BankUnit]) -> list[BankOffer]:
    """Launch the offers; those that are there already stay as they are."""
    excluded = _excluded_goods()
    start, end = now() - timedelta(days=60), now() + timedelta(days=120)
    offers = [
        BankOffer(
            code="ccb-credit-200-16",
            name="建行信用卡满200减16",
            terms="建设银行信用卡（银联单标）在线支付整单，实物商品满 200 元立减 16 元，"
            "日用百货除外；每人每日限 1 次、每月限 4 次，名额有限，先到先得。",
            owner=units[HANGZHOU],
            funder_ref="CCB",
            issuers=["CCB"],
            kinds=["credit"],
            marks=BankOffer.Marks.SINGLE,
            excluded=excluded,
            threshold_minor=20000,
            discount_minor=1600,
            resident_day_limit=3,
            card_day_limit=3,
            resident_month_limit=20,
            day_limit=500,
            budget_minor=5_000_000,
            starts_at=start,
            ends_at=end,
        ),
        BankOffer(
            code="psbc-wednesday-100-8",
            name="邮储周三惠等你满100减8",
            terms="每周三，邮储银行借记卡在线支付满 100 元立减 8 元，每人每日限 1 次。",
            owner=units[PSBC_HANGZHOU],
            funder_ref="PSBC",
            issuers=["PSBC"],
            kinds=["debit"],
            threshold_minor=10000,
            discount_minor=800,
            weekdays=[3],
            resident_day_limit=1,
            budget_minor=800_000,
            starts_at=start,
            ends_at=end,
        ),
        BankOffer(
            code="ccb-debit-50-5",
            name="建行借记卡满50减5",
            terms="建设银行借记卡在线支付满 50 元立减 5 元，每人每日限 1 次。",
            owner=units[HANGZHOU],
            funder_ref="CCB",
            issuers=["CCB"],
            kinds=["debit"],
            threshold_minor=5000,
            discount_minor=500,
            resident_day_limit=1,
            budget_minor=1_000_000,
            starts_at=start,
            ends_at=end,
        ),
    ]
    loaded = [_launched(offer) for offer in [*offers, _decided_by_the_bank(units[CMBC])]]
    begin_due(100)
    return loaded


def _decided_by_the_bank(owner: BankUnit) -> BankOffer:
    """Prepare an offer whose discount the acquirer takes off by itself, and let it do so."""
    offer = BankOffer(
        code="cmbc-credit-150-12",
        name="民生信用卡满150减12",
        terms="民生银行信用卡在线支付满 150 元，由银行在扣款时立减 12 元，以银行实际减免为准。",
        owner=owner,
        funder_ref="CMBC",
        issuers=["CMBC"],
        kinds=["credit"],
        decided_by=BankOffer.DecidedBy.BANK,
        threshold_minor=15000,
        discount_minor=1200,
        resident_day_limit=1,
        starts_at=now(),
        ends_at=now() + timedelta(days=120),
    )
    bank_desk.start_campaign(
        offer.code,
        issuer_code=offer.funder_ref,
        kinds=offer.kinds,
        threshold_minor=offer.threshold_minor,
        discount_minor=offer.discount_minor,
    )
    return offer


def _excluded_goods() -> Range:
    goods, created = Range.objects.get_or_create(
        slug="no-bank-offer", defaults={"name": "不参加银行立减的商品"}
    )
    if created:
        for product in Product.objects.filter(categories__name__in=_EXCLUDED_CATEGORIES):
            goods.add_product(product)
    return goods


def _launched(offer: BankOffer) -> BankOffer:
    found = BankOffer.objects.filter(code=offer.code).order_by("-version").first()
    if found:
        return found
    (created,) = BankOffer.objects.bulk_create([offer])
    waive(Action.LAUNCH, kind=OFFER, pk=created.pk, by="demo", reason="演示数据")
    created.refresh_from_db()
    return created
