"""The only code that moves points: the balance by one conditional update, its lots, its entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import F

from mall.loyalty.errors import NotEnoughPointsError
from mall.loyalty.models import LotMove, PointsAccount, PointsEntry, PointsLot
from payments.api import business_date, now

Kind = PointsEntry.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why points move; `key` names this one occurrence and never moves points twice."""

    kind: str
    key: str
    order_no: str = ""
    note: str = ""


def account_of(resident_id: int) -> PointsAccount:
    """Return a resident's account, opened when first needed."""
    PointsAccount.objects.bulk_create(
        [PointsAccount(resident_id=resident_id)], ignore_conflicts=True
    )
    return PointsAccount.objects.get(resident_id=resident_id)


def give(account: PointsAccount, cause: Cause, *, points: int, expires_on: date) -> PointsLot:
    """Add points as a lot of their own; what is owed is paid out of them first."""
    pays = min(locked(account).debt, points)
    entry = _book(account, cause, balance=points - pays, debt=-pays)
    return _new_lot(entry, granted=points, left=points - pays, expires_on=expires_on)


def take(account: PointsAccount, cause: Cause, *, points: int) -> PointsEntry:
    """Take points, the oldest first; NotEnoughPointsError."""
    sweep(account)
    entry = _book(account, cause, balance=-points)
    _draw(entry, _lots(account), points)
    return entry


def take_back(
    account: PointsAccount, cause: Cause, *, points: int, first: PointsLot | None = None
) -> None:
    """Take points that should not have been had, of the lot `first` first; the rest is owed."""
    sweep(account)
    there = min(locked(account).balance, points)
    entry = _book(account, cause, balance=-there, debt=points - there)
    own = [lot for lot in _lots(account) if first is not None and lot.pk == first.pk]
    others = [lot for lot in _lots(account) if first is None or lot.pk != first.pk]
    _draw(entry, [*own, *others], there)


def put_back(
    account: PointsAccount,
    cause: Cause,
    *,
    parts: Sequence[tuple[PointsLot, int]],
    expires_on: date,
) -> None:
    """Return points to the lots they came from; those of expired lots are good until expires_on.

    What is owed is paid out of them first.
    """
    points = sum(part for _lot, part in parts)
    owed = min(locked(account).debt, points)
    entry = _book(account, cause, balance=points - owed, debt=-owed)
    homeless = 0
    for lot, part in parts:
        pays = min(owed, part)
        owed -= pays
        if part == pays:
            continue
        if lot.expires_on < business_date():
            homeless += part - pays
            continue
        PointsLot.objects.filter(pk=lot.pk).update(left=F("left") + part - pays)
        LotMove.objects.create(entry=entry, lot=lot, points=part - pays)
    if homeless:
        _new_lot(entry, granted=homeless, left=homeless, expires_on=expires_on)


def sweep(account: PointsAccount, *, limit: int = 1000) -> int:
    """Take what has expired; return how many lots were emptied. In a transaction."""
    due = account.lots.filter(left__gt=0, expires_on__lt=business_date()).order_by("pk")
    if not due.exists():
        return 0
    locked(account)
    lots = list(due[:limit])
    for lot in lots:
        cause = Cause(kind=Kind.EXPIRE, key=f"expire:{lot.pk}")
        _draw(_book(account, cause, balance=-lot.left), [lot], lot.left)
    return len(lots)


def parts_of(spent: PointsEntry, *, done: int, points: int) -> list[tuple[PointsLot, int]]:
    """Return which lots `points` of a spend came from, after `done` went back: last out, first in.

    So that she keeps those which are good longest.
    """
    parts = []
    for move in spent.moves.select_related("lot").order_by("-pk"):
        skipped = min(done, -move.points)
        done -= skipped
        part = min(points, -move.points - skipped)
        points -= part
        if part:
            parts.append((move.lot, part))
    return parts


def expired_of(lot: PointsLot) -> int:
    """Return how many points of a lot expired unused."""
    moves = lot.moves.filter(entry__kind=Kind.EXPIRE)
    return -(moves.aggregate(points=models.Sum("points"))["points"] or 0)


def locked(account: PointsAccount) -> PointsAccount:
    """Wait for whoever moves these points; on SQLite the transaction has waited already."""
    return PointsAccount.objects.select_for_update(no_key=True).get(pk=account.pk)


def _book(account: PointsAccount, cause: Cause, *, balance: int, debt: int = 0) -> PointsEntry:
    """Change balance and debt and write the entry; NotEnoughPointsError where they do not reach."""
    rows = PointsAccount.objects.filter(pk=account.pk, balance__gte=-balance, debt__gte=-debt)
    if not rows.update(balance=F("balance") + balance, debt=F("debt") + debt, moves=F("moves") + 1):
        raise NotEnoughPointsError(wanted=-balance)
    account.refresh_from_db(fields=["balance", "debt", "moves"])
    return PointsEntry.objects.create(
        account=account,
        number=account.moves,
        kind=cause.kind,
        points=balance - debt,
        after=account.balance - account.debt,
        key=cause.key,
        order_no=cause.order_no,
        note=cause.note,
        at=now(),
    )


def _lots(account: PointsAccount) -> list[PointsLot]:
    return list(account.lots.filter(left__gt=0).order_by("expires_on", "pk"))


def _draw(entry: PointsEntry, lots: Iterable[PointsLot], points: int) -> None:
    for lot in lots:
        part = min(lot.left, points)
        if not part:
            break
        points -= part
        if not PointsLot.objects.filter(pk=lot.pk, left__gte=part).update(left=F("left") - part):
            raise RuntimeError(f"lot {lot.pk} moved without its account")
        LotMove.objects.create(entry=entry, lot=lot, points=-part)
    if points:
        raise RuntimeError(f"{points} points of {entry.account_id} are in no lot")


def _new_lot(entry: PointsEntry, *, granted: int, left: int, expires_on: date) -> PointsLot:
    lot = PointsLot.objects.create(
        account=entry.account,
        granted=granted,
        left=left,
        came_on=business_date(entry.at),
        expires_on=expires_on,
    )
    if left:
        LotMove.objects.create(entry=entry, lot=lot, points=left)
    return lot
