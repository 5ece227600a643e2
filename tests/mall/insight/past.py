"""A past of orders with a bank's discount, written as rows: any number, by a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from oscar.apps.basket.models import Basket
from oscar.apps.order.models import Line, Order

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.insight.models import Exposure
from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount, OrderFulfilment
from mall.ordering.payer import payer_ref
from payments.api import business_date, now
from payments.models import CardAgreement, FirstTie
from tests.factories.groups import item_of, make_open_group, make_person

CODE = "ccb-200-16"
AT_ONCE = 2000


@dataclass(frozen=True)
class Past:
    """One order: who paid with which card, when, so many pieces at a price, what came back."""

    resident: int
    card: int | None
    paid_at: datetime
    unit: int
    quantity: int
    discount: int
    back: int = 0
    code: str = CODE

    @property
    def goods(self) -> int:
        return self.unit * self.quantity

    def part(self, minor: int) -> int:
        """What of an amount goes back with the goods, rounded down."""
        return minor * self.back // self.quantity


class Town:
    """Residents with cards, and the group all orders are of."""

    def __init__(self, account: Any, residents: int) -> None:
        self.account = account
        self.group: LeaderGroup = make_open_group()
        self.people = [make_person(f"居民{number}") for number in range(residents)]
        self.cards: list[CardAgreement] = []
        self._orders = 0

    def tie(self, resident: int, kind: str, at: datetime, *, issuer: str = "CCB") -> int:
        """Tie a card; the first of its kind and bank is a first tie. Return its number here."""
        person, number = self.people[resident], len(self.cards) + 1
        card = CardAgreement.objects.create(
            agreement_no=f"A{number:019d}",
            owner_ref=payer_ref(person.pk),
            account=self.account,
            status=CardAgreement.Status.ACTIVE,
            token=f"token-{number}",
            last4=f"{number % 10000:04d}",
            bin="622168",
            issuer_code=issuer,
            issuer_name=issuer,
            kind=kind,
            scheme="unionpay_single",
            fingerprint=f"fingerprint-{number}",
            signed_at=at,
            created_at=at,
            bind_date=business_date(at),
            bind_slot=number,
        )
        for what in (kind, ""):
            FirstTie.objects.get_or_create(
                owner_ref=payer_ref(person.pk),
                issuer_code=issuer,
                kind=what,
                defaults={"agreement": card, "tied_at": at},
            )
        self.cards.append(card)
        return number - 1

    def show(self, resident: int, at: datetime, code: str = CODE) -> None:
        """Show somebody the offer on a day."""
        Exposure.objects.get_or_create(
            offer_code=code, resident=self.people[resident], day=business_date(at)
        )

    def order(self, pasts: Sequence[Past]) -> None:
        """Write the orders."""
        for start in range(0, len(pasts), AT_ONCE):
            self._write(pasts[start : start + AT_ONCE])

    def _write(self, pasts: Sequence[Past]) -> None:
        first = self._orders
        self._orders += len(pasts)
        people = [self.people[past.resident] for past in pasts]
        baskets = Basket.objects.bulk_create(Basket(owner=who) for who in people)
        orders = Order.objects.bulk_create(
            Order(
                number=f"M{first + n:010d}",
                basket=basket,
                user=basket.owner,
                total_incl_tax=Decimal(past.goods) / 100,
                total_excl_tax=Decimal(past.goods) / 100,
                date_placed=past.paid_at,
            )
            for n, (past, basket) in enumerate(zip(pasts, baskets, strict=True))
        )
        ours = OrderFulfilment.objects.bulk_create(
            self._order(past, order, n=first + n)
            for n, (past, order) in enumerate(zip(pasts, orders, strict=True))
        )
        lines = self._lines(pasts, orders, ours)
        self._discounts(pasts, ours, lines)

    def _order(self, past: Past, order: Order, *, n: int) -> OrderFulfilment:
        group = self.group
        return OrderFulfilment(
            order=order,
            order_no=order.number,
            status="paid",
            group=group,
            group_buy=group.group_buy,
            pickup_point=group.pickup_point,
            leader=group.leader,
            resident=self.people[past.resident],
            receiver_name="李",
            receiver_phone="1",
            basket=order.basket,
            idem_key=f"past-{n}",
            goods_minor=past.goods,
            discount_minor=past.discount,
            payable_minor=past.goods - past.discount,
            agreement_no="" if past.card is None else self.cards[past.card].agreement_no,
            expires_at=past.paid_at,
            placed_at=past.paid_at,
            paid_at=past.paid_at,
        )

    def _lines(
        self, pasts: Sequence[Past], orders: Sequence[Order], ours: Sequence[OrderFulfilment]
    ) -> list[LineFulfilment]:
        item = item_of(self.group)
        bare = Line.objects.bulk_create(
            Line(
                order=order,
                partner=item.stockrecord.partner,
                title="货",
                quantity=past.quantity,
                num_allocated=0,
                line_price_incl_tax=0,
                line_price_excl_tax=0,
                line_price_before_discounts_incl_tax=0,
                line_price_before_discounts_excl_tax=0,
            )
            for past, order in zip(pasts, orders, strict=True)
        )
        return LineFulfilment.objects.bulk_create(
            LineFulfilment(
                line=line,
                order=order,
                item=item,
                product_id=item.product_id,
                supplier=item.stockrecord.partner,
                title="货",
                quantity=past.quantity,
                unit_minor=past.unit,
                value_minor=past.goods,
                cost_minor=0,
                offer_share_minor=past.discount,
                refunded_quantity=past.back,
                refunded_minor=past.unit * past.back,
                returned_share_minor=past.part(past.discount),
            )
            for past, line, order in zip(pasts, bare, ours, strict=True)
        )

    def _discounts(
        self,
        pasts: Sequence[Past],
        ours: Sequence[OrderFulfilment],
        lines: Sequence[LineFulfilment],
    ) -> None:
        given = [row for row in zip(pasts, ours, lines, strict=True) if row[0].discount]
        discounts = OrderDiscount.objects.bulk_create(
            OrderDiscount(
                order=order,
                source=OrderDiscount.Source.OFFER,
                source_no=past.code,
                name=past.code,
                estimated_minor=past.discount,
                actual_minor=past.discount,
            )
            for past, order, _line in given
        )
        LineDiscount.objects.bulk_create(
            LineDiscount(
                line=line,
                discount=discount,
                funder="bank",
                funder_ref=f"CCB:{past.code}",
                minor=past.discount,
                returned_minor=past.part(past.discount),
            )
            for (past, _order, line), discount in zip(given, discounts, strict=True)
        )


def at_once(past: Past, **changes: Any) -> Past:
    """The same order, but for some things."""
    return replace(past, **changes)


def admin_user() -> User:
    """Somebody of the mall who may see everything."""
    return User.objects.create(
        username="operator", is_staff=True, is_superuser=True, is_active=True, date_joined=now()
    )
