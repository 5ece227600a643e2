"""Stock-taking: what is really there, with a reason, above a limit seen by a second person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _
from oscar.apps.partner.models import StockRecord

from mall.accounts.models import User
from mall.ordering import stock
from mall.supply.documents import Counted, known_document, new_document, require_pieces
from mall.supply.errors import CountError, ReasonNeededError, SecondPersonNeededError
from mall.supply.models import AloneBooking, StockDocument, StockDocumentLine
from payments.api import Money, advance, business_date, now, transact

State = StockDocument.State


def take_stock(
    counts: Mapping[int, int], *, reason: str, by: User, wish_key: str, photo: Any = None
) -> StockDocument:
    """Correct what is in stock to what was counted, by stock record; says why.

    Differences worth more than LINLI_STOCK_ALONE_MINOR a day and person (at the goods' price) wait
    for a second person. The same key again returns the first document. ReasonNeededError;
    CountError; StockHeldError where orders hold more.
    """
    kind = StockDocument.Kind.STOCKTAKING
    known = known_document(wish_key, kind=kind)
    if known is not None:
        return known
    try:
        return _take_stock(counts, reason=reason, by=by, wish_key=wish_key, photo=photo)
    except IntegrityError:  # the same form sent twice at once
        known = known_document(wish_key)
        if known is None:
            raise
        return known


@transact()
def _take_stock(
    counts: Mapping[int, int], *, reason: str, by: User, wish_key: str, photo: Any
) -> StockDocument:
    if not reason.strip():
        raise ReasonNeededError
    records = StockRecord.objects.filter(pk__in=counts).select_related("product").order_by("pk")
    found = {row.pk: row for row in records}
    if not counts or set(found) != set(counts):
        raise CountError(_("Choose the goods that were counted."))
    require_pieces({pk: Counted(pieces=pieces) for pk, pieces in counts.items()})
    worth = sum(_worth(found[pk], pieces) for pk, pieces in counts.items())
    document = new_document(
        StockDocument.Kind.STOCKTAKING,
        by=by,
        wish_key=wish_key,
        reason=reason,
        photo=photo,
        worth_minor=worth,
        state=State.PROPOSED,
    )
    StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            stockrecord=row,
            title=row.product.get_title()[:255],
            expected=row.num_in_stock or 0,
            counted=counts[pk],
        )
        for pk, row in found.items()
    )
    if _may_alone(by, worth):
        _book(document)
    return document


@transact()
def decide(document_no: str, *, is_right: bool, by: User) -> StockDocument:
    """Book or refuse a stock-taking of somebody else. SecondPersonNeededError; StockHeldError.

    Decided twice it is decided once: the second finds it decided.
    """
    rows = StockDocument.objects.select_for_update(no_key=True).filter(document_no=document_no)
    document = rows.get()
    if document.state != State.PROPOSED:
        return document
    if document.counted_by_id == by.pk:
        raise SecondPersonNeededError
    decided: dict[str, Any] = {"decided_by": by, "decided_at": now()}
    if is_right:
        _book(document, **decided)
    else:
        advance(document, StockDocument.EDGES, State.REFUSED, field="state", **decided)
    return document


def _worth(record: StockRecord, counted: int) -> int:
    price = Money.from_major(record.price if record.price is not None else Decimal(0))
    return price.minor * abs(counted - (record.num_in_stock or 0))


def _may_alone(person: User, minor: int) -> bool:
    """Count a difference towards what a person books alone on a day; say whether it still fits."""
    most, day = settings.LINLI_STOCK_ALONE_MINOR, business_date()
    AloneBooking.objects.bulk_create([AloneBooking(person=person, day=day)], ignore_conflicts=True)
    rows = AloneBooking.objects.filter(person=person, day=day, minor__lte=most - minor)
    return bool(rows.update(minor=F("minor") + minor))


def _book(document: StockDocument, **decided: Any) -> None:
    if not advance(document, StockDocument.EDGES, State.BOOKED, field="state", **decided):
        return
    changes: Counter[int] = Counter()
    for line in document.lines.order_by("pk"):
        StockDocumentLine.objects.filter(pk=line.pk).update(stock_change=line.difference)
        changes[line.stockrecord_id] += line.difference
    stock.correct(changes)
