"""Batches: which goods came from where and when, and whether they may be sold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.catalogue.models import Batch, ProductExtra
from payments.api import business_date, now, transact

# Goods that keep no longer are bought anew for every sale: the end of the last batch says nothing
# about the next. What keeps longer lies in a store, and its batch is the one that is sold.
STORED_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A certificate or report of a batch, as its page finds it."""

    label: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """What residents may know of a batch."""

    batch_id: int
    batch_no: str
    supplier: str
    origin: str
    harvested_on: date | None
    produced_on: date | None
    best_before: date | None
    report_no: str
    report_by: str
    reported_on: date | None
    papers: tuple[Paper, ...]


@transact()
def add_batch(
    *,
    product_id: int,
    supplier_id: int,
    batch_no: str,
    details: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> Batch:
    """Take a new batch in; it becomes the product's current one. Cleaned files only.

    ``details`` are further fields of Batch. ValidationError where they contradict each other or
    the supplier has a batch of that number already.
    """
    batch = Batch(
        product_id=product_id,
        supplier_id=supplier_id,
        batch_no=batch_no.strip(),
        created_at=now(),
        created_by=by,
        **(details or {}),
    )
    batch.full_clean(validate_unique=True)
    # Two at once for one product: the second waits here and is the current one.
    list(ProductExtra.objects.select_for_update(no_key=True).filter(product=product_id))
    Batch.objects.filter(product=product_id, is_current=True).update(is_current=False)
    batch.is_current = True
    Batch.objects.bulk_create([batch])
    return batch


@transact()
def mark_recalled(*, batch_id: int, by: User | None, reason: str) -> bool:
    """Call a batch back: its product is not sold until a newer one is here; False if it was.

    ValueError without a reason. Telling those who got it is mall.aftersales' work.
    """
    if not reason.strip():
        raise ValueError("a batch is recalled with a reason")
    del by  # whoever decides is kept by the recall itself
    return bool(
        Batch.objects.filter(pk=batch_id, is_recalled=False).update(
            is_recalled=True, recalled_at=now(), recall_reason=reason.strip()[:200]
        )
    )


def blocked_products(product_ids: Collection[int] | None = None) -> dict[int, str]:
    """Return the products that may not be sold now, with why: one query.

    Of all products, or of those named. A product without batches is not held back.
    """
    today = business_date()
    stored = Q(product__extra__shelf_life_days__isnull=True) | Q(
        product__extra__shelf_life_days__gt=STORED_DAYS
    )
    current = Batch.objects.filter(is_current=True).select_related("product__extra")
    held = current.filter(
        Q(is_recalled=True) | Q(report_valid_until__lt=today) | (Q(best_before__lt=today) & stored)
    )
    if product_ids is not None:
        held = held.filter(product__in=product_ids)
    return {batch.product_id: why_held(batch, today) for batch in held}


def why_held(batch: Batch, today: date) -> str:
    """Say why goods of a current batch may not be sold; empty where they may."""
    number = {"number": batch.batch_no}
    if batch.is_recalled:
        return _("Batch %(number)s is recalled.") % number
    if batch.report_valid_until and batch.report_valid_until < today:
        return _("The inspection report of batch %(number)s has run out.") % number
    days = getattr(getattr(batch.product, "extra", None), "shelf_life_days", None)
    is_stored = days is None or days > STORED_DAYS
    if is_stored and batch.best_before and batch.best_before < today:
        return _("Batch %(number)s is past its best-before date.") % number
    return ""


def current_batch(product_id: int) -> BatchFacts | None:
    """Return what residents may know of a product's current batch; None where there is none."""
    batch = (
        Batch.objects.filter(product=product_id, is_current=True, is_recalled=False)
        .select_related("supplier", "product__extra")
        .first()
    )
    return facts_of(batch) if batch else None


def facts_of(batch: Batch) -> BatchFacts:
    """Describe a batch that came with its supplier and its product's extra: no query."""
    extra = getattr(batch.product, "extra", None)
    files = ((_("Certificate"), batch.certificate), (_("Inspection report"), batch.report))
    return BatchFacts(
        batch_id=batch.pk,
        batch_no=batch.batch_no,
        supplier=batch.supplier.name,
        origin=batch.origin or (extra.origin if extra else ""),
        harvested_on=batch.harvested_on,
        produced_on=batch.produced_on,
        best_before=batch.best_before,
        report_no=batch.report_no,
        report_by=batch.report_by,
        reported_on=batch.reported_on,
        papers=tuple(
            Paper(label=label, name=PurePosixPath(file.name or "").name)
            for label, file in files
            if file
        ),
    )


def paper_named(name: str) -> Any | None:
    """Return the stored file behind a paper's name; None where no batch has it."""
    path = f"batches/{name}"
    batch = Batch.objects.filter(Q(certificate=path) | Q(report=path)).first()
    if batch is None:
        return None
    return batch.certificate if batch.certificate.name == path else batch.report
