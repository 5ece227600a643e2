"""What a supplier proposes becomes true when the mall says so, and says why when it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from oscar.apps.catalogue.models import Category
from oscar.apps.partner.models import StockRecord

from mall.catalogue.costs import cost_of
from mall.catalogue.models import ProductExtra, SupplierChange, SupplierProfile
from mall.catalogue.suppliers import (
    admit,
    barred,
    change_supplier,
    freeze,
    may_supply,
    warnings_of,
)
from mall.messaging.models import Message
from mall.supply.errors import ProposalError, ReasonNeededError
from mall.supply.models import ProductProposal
from mall.supply.proposals import approve, propose, refuse
from payments.api import IllegalTransitionError, business_date, deliver_pending
from payments.models import OutboxEvent
from tests.factories.groups import make_person, make_product
from tests.mall.supply.buying import make_goods, make_supplier

pytestmark = pytest.mark.django_db
NEW = {"title": "高山娃娃菜", "sales_unit": "袋", "net_grams": 900, "cost_minor": 560}


@pytest.fixture
def coop():
    return make_supplier()


@pytest.fixture
def buyer():
    return make_person("采购", is_staff=True)


def test_a_change_says_only_what_differs_and_is_applied_once(coop, buyer):
    corn = make_goods("糯玉米", coop)
    wished = {"title": "糯玉米", "short_text": "现掰现发", "cost_minor": 1650, "price_minor": 3200}

    proposal = propose(coop, wished, wish_key="w", product_id=corn.pk)
    assert set(proposal.wished) == {"short_text", "cost_minor", "price_minor"}
    assert propose(coop, wished, wish_key="w", product_id=corn.pk).pk == proposal.pk

    approve(proposal.pk, by=buyer)
    approve(proposal.pk, by=buyer)

    record = StockRecord.objects.get(product=corn)
    corn.refresh_from_db()
    assert (cost_of(record.pk), record.price, corn.extra.short_text) == (1650, 32, "现掰现发")
    assert OutboxEvent.objects.filter(fact="proposal.decided").count() == 1
    with pytest.raises(IllegalTransitionError):
        refuse(proposal.pk, by=buyer, decision="too late")
    with pytest.raises(ProposalError):
        propose(coop, wished, wish_key="w2", product_id=corn.pk)


def test_a_new_product_needs_a_category_and_starts_without_stock(coop, buyer):
    make_product()
    with pytest.raises(ProposalError):
        propose(coop, {"title": "x"}, wish_key="w0")
    proposal = propose(coop, NEW | {"description": "<script>x</script>好吃"}, wish_key="w")
    with pytest.raises(ProposalError):
        approve(proposal.pk, by=buyer)
    assert ProductProposal.objects.get().state == "pending"

    done = approve(proposal.pk, by=buyer, category_id=Category.objects.first().pk)

    record = StockRecord.objects.get(product=done.product)
    assert (record.num_in_stock, record.partner, cost_of(record.pk)) == (0, coop, 560)
    assert ProductExtra.objects.get(product=done.product).pinyin.startswith("gao")
    assert "<" not in done.product.description


def test_a_refusal_says_why(coop, buyer):
    proposal = propose(coop, NEW, wish_key="w")
    with pytest.raises(ReasonNeededError):
        refuse(proposal.pk, by=buyer, decision=" ")

    refuse(proposal.pk, by=buyer, decision="已有同类")
    refuse(proposal.pk, by=buyer, decision="又一次")

    assert ProductProposal.objects.get().decision == "已有同类"


def test_a_supplier_with_a_telephone_is_told_once_what_became_of_it(coop, buyer):
    refused, corn = propose(coop, NEW, wish_key="w"), make_goods("糯玉米", coop)
    approved = propose(coop, {"short_text": "现掰"}, wish_key="v", product_id=corn.pk)

    for _time in range(2):
        refuse(refused.pk, by=buyer, decision="已有同类")
        approve(approved.pk, by=buyer)
        deliver_pending()

    said = {message.kind: message.values for message in Message.objects.all()}
    assert set(said) == {"proposal.refused", "proposal.approved"}
    assert said["proposal.refused"] == {"goods": "高山娃娃菜", "reason": "已有同类"}
    assert Message.objects.count() == 2


def test_somebody_elses_product_strange_figures_and_too_many_are_refused(coop):
    foreign = make_goods("三文鱼", make_supplier("沈家湾水产行"))
    with pytest.raises(ProposalError):
        propose(coop, NEW, wish_key="w", product_id=foreign.pk)
    for wrong in ({"cost_minor": 0}, {"net_grams": 10**9}, {"storage_class": "warm"}):
        with pytest.raises(ProposalError):
            propose(coop, NEW | wrong, wish_key="w")
    for number in range(50):
        propose(coop, NEW, wish_key=f"k{number}")
    with pytest.raises(ProposalError):
        propose(coop, NEW, wish_key="one more")


def test_texts_of_a_trusted_supplier_go_through_but_never_its_prices(coop):
    corn = make_goods("糯玉米", coop)
    values = {"audits_changes": False, "audits_new": False}
    change_supplier(partner_id=coop.pk, values=values, by="li")

    text = propose(coop, {"short_text": "甜"}, wish_key="a", product_id=corn.pk)
    price = propose(coop, {"cost_minor": 1}, wish_key="b", product_id=corn.pk)

    assert (text.state, price.state) == ("approved", "pending")
    assert propose(coop, NEW, wish_key="c").state == "pending"


def test_a_frozen_supplier_supplies_nothing_and_every_change_is_kept(coop):
    today = business_date()
    assert may_supply(coop.pk, today) == ""
    with pytest.raises(ValidationError):
        freeze(partner_id=coop.pk, because=" ", by="li")

    freeze(partner_id=coop.pk, because="抽检不合格", by="li")
    freeze(partner_id=coop.pk, because="抽检不合格", by="li")

    assert "抽检不合格" in may_supply(coop.pk, today)
    assert list(barred(today)) == [coop.pk]
    (kept,) = SupplierChange.objects.filter(by="li")
    assert kept.changed["state"] == ["normal", "frozen"]
    admit(partner_id=coop.pk, by="wang")
    assert barred(today) == {}


def test_a_licence_that_ran_out_and_a_break_stop_the_sale(coop):
    today = business_date()

    def told(**values: object) -> tuple[bool, bool]:
        change_supplier(partner_id=coop.pk, values=values, by="li")
        return may_supply(coop.pk, today) == "", may_supply(coop.pk, today + timedelta(9)) == ""

    assert told(licence_until=today - timedelta(1)) == (False, False)
    assert told(licence_until=today + timedelta(5)) == (True, False)
    assert "5" in " ".join(warnings_of(SupplierProfile.objects.get(partner=coop), today))
    out = {"break_from": today, "break_until": today + timedelta(2)}
    assert told(licence_until=None, **out) == (False, True)
    with pytest.raises(ValidationError):
        told(break_until=None)
    with pytest.raises(ValidationError):
        told(sees_phones=True)
    assert may_supply(0, today) == ""
