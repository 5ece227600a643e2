"""Somebody who listens on the line and sends us messages that look like the bank's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from mall.config.simulation.clock import VirtualClock
from mall.config.simulation.network import Network
from mall.config.simulation.trace import Trace
from payments.acquiring.rehearsal import Carried
from payments.sandbox.signatures import sign, text_to_sign

VISITS_MAX: Final = 8
_STAMP, _NONCE, _SIGNATURE = "Sandbox-Timestamp", "Sandbox-Nonce", "Sandbox-Signature"


@functools.cache
def _own_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Forger:
    """Repeats, alters and signs anew what was said; nothing of it may be believed."""

    network: Network
    clock: VirtualClock
    dice: Random
    trace: Trace
    name: str = "forger"
    visits: int = 0
    believed: list[str] = field(default_factory=list)

    def visit(self) -> float | None:
        """Send one false message, if anything was overheard yet; return seconds until the next."""
        self.visits += 1
        if self.network.overheard:
            genuine = self.dice.choice(self.network.overheard)
            kind = self.dice.choice(list(_FORGERIES))
            self._send(kind, _FORGERIES[kind](self, genuine))
        return None if self.visits >= VISITS_MAX else self.dice.uniform(60, 4000)

    def _send(self, kind: str, message: Carried) -> None:
        answer = self.network.ends.mall(message)
        self.trace.fault(kind, f"we say {answer.status}")
        # The very same bytes again are no lie, only nothing new.
        if answer.status == 200 and kind != "message repeated":
            self.believed.append(kind)

    def repeated(self, genuine: Carried) -> Carried:
        """Say the same again, now or a day later."""
        return genuine

    def altered(self, genuine: Carried) -> Carried:
        """Change a byte of the content."""
        body = bytearray(genuine.body)
        body[self.dice.randrange(len(body))] ^= 1
        return replace(genuine, body=bytes(body))

    def signed_by_another(self, genuine: Carried) -> Carried:
        """Sign the content with a key of one's own, under the bank's serial number."""
        stamp = str(int(self.clock.now().timestamp()))
        nonce = self.dice.randbytes(16).hex()
        signature = sign(_own_key(), text_to_sign(stamp, nonce, body=genuine.body))
        return self._with(genuine, {_STAMP: stamp, _NONCE: nonce, _SIGNATURE: signature})

    def dated_anew(self, genuine: Carried) -> Carried:
        """Give an old message today's date."""
        stamp = str(int(self.clock.now().timestamp()) + 1)
        return self._with(genuine, {_STAMP: stamp})

    def without_signature(self, genuine: Carried) -> Carried:
        """Leave the signature out."""
        return self._with(genuine, {_SIGNATURE: ""})

    def _with(self, genuine: Carried, changed: Mapping[str, str]) -> Carried:
        return replace(genuine, headers={**genuine.headers, **changed})


_FORGERIES: Final[Mapping[str, Callable[[Forger, Carried], Carried]]] = {
    "message repeated": Forger.repeated,
    "message altered": Forger.altered,
    "message signed by another": Forger.signed_by_another,
    "message dated anew": Forger.dated_anew,
    "message without signature": Forger.without_signature,
}
FORGERIES: Final = frozenset(_FORGERIES)
