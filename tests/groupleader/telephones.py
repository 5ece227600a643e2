"""A telephone of a leader as the tests hold it: its own key and numbers, signing what it did."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from groupleader.models import DeviceKey
from groupleader.services.acts import Answer, Signed, take_acts
from groupleader.services.devices import register_device
from payments.api import now


class Telephone:
    """Signs acts one after the other, as static/groupleader/queue.js does."""

    def __init__(self, user: Any, *, name: str = "Android · Chrome") -> None:
        self.user = user
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.device: DeviceKey = register_device(user=user, public_key=self.public_key, name=name)
        self.seq = 0

    @property
    def public_key(self) -> str:
        """The key as WebCrypto exports it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, text: str) -> str:
        """r and s, 32 bytes each."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    def does(self, **said: Any) -> Signed:
        """The next act."""
        self.seq += 1
        text = {"v": 1, "id": str(uuid.uuid4()), "seq": self.seq, "device": self.device.ref}
        text |= {"at": now().isoformat(), **said}
        text = json.dumps(text, separators=(",", ":"))
        return Signed(text=text, signature=self.sign(text))

    def hands_over(self, order: Any, pieces: dict[int, int] | None = None, **said: Any) -> Signed:
        """All of an order, or so many pieces by line."""
        lines = order.lines.all()
        pieces = pieces or {line.pk: line.quantity - line.refunded_quantity for line in lines}
        said = {"means": "code", "point": order.pickup_point_id} | said
        pieces_said = {str(line): n for line, n in pieces.items()}
        return self.does(kind="hand_over", order_no=order.order_no, pieces=pieces_said, **said)

    def undoes(self, act: Signed) -> Signed:
        """What it did a moment ago."""
        said = json.loads(act.text)
        return self.does(kind="undo", order_no=said["order_no"], of=said["id"])

    def counts_in(self, group: Any, counts: dict[int, int], **said: Any) -> Signed:
        """A delivery."""
        said = {"damaged": {}, "signer": "王姐", "note": "", "photos": []} | said
        return self.does(
            kind="arrival",
            point=group.pickup_point_id,
            group=group.pk,
            counts={str(item): n for item, n in counts.items()},
            **said,
        )

    def tells(self, *acts: Signed, photos: dict[str, Any] | None = None) -> list[Answer]:
        """Send them."""
        device = DeviceKey.objects.get(pk=self.device.pk)
        return take_acts(device=device, acts=list(acts), photos=photos or {})


def ends(answers: list[Answer]) -> list[str]:
    """The outcomes, with the reason where there is one."""
    return [f"{each.end}:{each.reason}".rstrip(":") for each in answers]


def sha(content: bytes) -> str:
    """How a photo is named."""
    return hashlib.sha256(content).hexdigest()
