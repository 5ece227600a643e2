"""What telephones did without a connection: taken once, in order, signed; done or a conflict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db.models import F
from django.utils.translation import gettext as _

from groupleader.models import DeviceAct, DeviceKey
from groupleader.services.act_texts import Act, UnreadableError, read_act
from groupleader.services.devices import is_signed
from mall.api import (
    GivenThen,
    Receipt,
    Told,
    UploadRefusedError,
    picture_of,
    tell_arrival,
    tell_hand_over,
    tell_undo,
)
from payments.api import each, now, transact

log = structlog.get_logger(__name__)
ACTS_MAX: Final = 50
_PATIENCE: Final = timedelta(minutes=2)
End = DeviceAct.End
Kind = DeviceAct.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An act as it came: the text that was signed, and the signature."""

    text: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one act: done, already, conflict, or refused; with the reason."""

    act_id: str
    end: str
    reason: str = ""


class _RefusedError(Exception):
    """An act that is not taken: forged, changed, out_of_order, revoked, unreadable."""

    def __init__(self, reason: str, act_id: str = "") -> None:
        """Keep why, and which act where that could be read."""
        super().__init__(reason)
        self.reason, self.act_id = reason, act_id


def take_acts(
    *, device: DeviceKey, acts: Sequence[Signed], photos: Mapping[str, Any]
) -> list[Answer]:
    """Take acts one after the other and do each once; return what became of them, in order.

    Where one is refused for its place in the row, those behind it are not looked at. ``photos``
    are files by the SHA-256 of their bytes. Everything may be sent again at any moment.
    """
    answers = []
    for signed in acts[:ACTS_MAX]:
        answer = _answer(device, signed, photos)
        answers.append(answer)
        if answer.reason in {"out_of_order", "revoked"}:
            break
    return answers


def finish_due(limit: int) -> dict[str, int]:
    """Do what was taken and not done because the server stopped in between; a job.

    Photos that came along are lost then; the telephone has them until it is answered.
    """
    due = DeviceAct.objects.filter(end=End.TAKEN, received_at__lt=now() - _PATIENCE)
    keys = due.order_by("received_at", "pk").values_list("pk", flat=True)
    return dict(each(keys, _finish_late, limit=limit, done="finished"))


def _finish_late(pk: int) -> int:
    row = DeviceAct.objects.select_related("user").get(pk=pk)
    _do(row, read_act(row.text), {})
    return 1


def _answer(device: DeviceKey, signed: Signed, photos: Mapping[str, Any]) -> Answer:
    try:
        row, act, is_new = _taken(device, signed, photos)
    except _RefusedError as refused:
        DeviceKey.objects.filter(pk=device.pk).update(refused=F("refused") + 1)
        log.warning(
            "counter.act_refused", device=device.ref, reason=refused.reason, act=refused.act_id
        )
        return Answer(act_id=refused.act_id, end="refused", reason=refused.reason)
    if row.end == End.TAKEN:
        row = _do(row, act, photos)
    end = "already" if not is_new and row.end == End.DONE else row.end
    return Answer(act_id=row.act_id, end=end, reason=row.reason)


def _taken(
    device: DeviceKey, signed: Signed, photos: Mapping[str, Any]
) -> tuple[DeviceAct, Act, bool]:
    """Write an act down as the next of its telephone, or find it written down before."""
    try:
        act = read_act(signed.text)
    except UnreadableError as error:
        raise _RefusedError("unreadable") from error
    is_ours = act.device == device.ref
    if not is_ours or not is_signed(device, text=signed.text, signature=signed.signature):
        raise _RefusedError("forged", act.act_id)
    known = _known(device, act, signed)
    if known is not None:
        return known, act, False
    if any(hashlib.sha256(_bytes(photos, name)).hexdigest() != name for name in act.photos):
        raise _RefusedError("changed", act.act_id)
    row = _write(device, act, signed)
    if row is not None:
        return row, act, True
    known = _known(device, act, signed)
    if known is None:
        is_revoked = DeviceKey.objects.filter(pk=device.pk).exclude(revoked_at=None).exists()
        raise _RefusedError("revoked" if is_revoked else "out_of_order", act.act_id)
    return known, act, False


def _known(device: DeviceKey, act: Act, signed: Signed) -> DeviceAct | None:
    row = DeviceAct.objects.filter(act_id=act.act_id).first()
    if row is not None and (row.device_id != device.pk or row.text != signed.text):
        raise _RefusedError("changed", act.act_id)
    return row


@transact()
def _write(device: DeviceKey, act: Act, signed: Signed) -> DeviceAct | None:
    """Write the act down if it is the telephone's next; nothing if it is not, or it is revoked."""
    at = now()
    next_one = DeviceKey.objects.filter(pk=device.pk, revoked_at=None, last_seq=act.seq - 1)
    if not next_one.update(last_seq=act.seq, seen_at=at):
        return None
    return DeviceAct.objects.create(
        device=device,
        user_id=device.user_id,
        act_id=act.act_id,
        seq=act.seq,
        kind=act.kind,
        point_id=act.point_id,
        order_no=act.order_no,
        group_id=act.group_id,
        at=act.at,
        text=signed.text,
        signature=signed.signature,
        received_at=at,
    )


def _do(row: DeviceAct, act: Act, photos: Mapping[str, Any]) -> DeviceAct:
    if act.kind == Kind.ARRIVAL:
        _finish(row, _count_in(row, act, photos))
    else:
        _at_counter(row, act)
    row.refresh_from_db()
    return row


@transact()
def _at_counter(row: DeviceAct, act: Act) -> None:
    """Hand over or undo, and write down what became of it, in one; of two senders the first."""
    held = DeviceAct.objects.select_for_update(no_key=True).get(pk=row.pk)
    if held.end != End.TAKEN:
        return
    by = row.user
    if act.kind == Kind.UNDO:
        told = tell_undo(
            order_no=act.order_no, key=act.of, by=by, reason=_("Undone at the counter")
        )
    else:
        given = GivenThen(
            order_no=act.order_no,
            pieces=act.pieces or {},
            point_id=act.point_id or 0,
            means=act.means,
            key=act.act_id,
            at=act.at,
        )
        told = tell_hand_over(given, by=by)
    _finish(row, told)


def _count_in(row: DeviceAct, act: Act, photos: Mapping[str, Any]) -> Told:
    receipt = Receipt(
        signer=act.signer,
        note=act.note,
        damaged={item: n for item, n in (act.damaged or {}).items() if n},
        photos=list(_pictures(act.photos, photos)),
    )
    return tell_arrival(
        group_id=act.group_id or 0, counts=act.counts or {}, by=row.user, receipt=receipt
    )


def _pictures(names: Iterable[str], photos: Mapping[str, Any]) -> Iterable[Any]:
    """Read the pictures; one that is none is left out: the counts matter more."""
    for name in names:
        try:
            yield picture_of(photos[name])
        except (UploadRefusedError, KeyError):
            log.warning("counter.photo_left_out", photo=name)


def _bytes(photos: Mapping[str, Any], name: str) -> bytes:
    file = photos.get(name)
    if file is None:
        return b""
    file.seek(0)
    content: bytes = file.read()
    file.seek(0)
    return content


def _finish(row: DeviceAct, told: Told) -> None:
    detail: dict[str, Any] = dict(told.more)
    if told.who:
        detail["who"] = told.who
    if told.when:
        detail["when"] = told.when.isoformat()
    end = End.CONFLICT if told.end == "conflict" else End.DONE
    DeviceAct.objects.filter(pk=row.pk, end=End.TAKEN).update(
        end=end, reason=told.reason, detail=detail
    )
    log.info("counter.act_done", device=row.device_id, kind=row.kind, end=end, reason=told.reason)
