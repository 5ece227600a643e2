"""The net between the mall and the bank: it loses, delays, repeats and spoils what it carries."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, Never
from urllib.parse import urlsplit

from mall.config.simulation.chance import weighted
from mall.config.simulation.clock import VirtualClock
from mall.config.simulation.crashes import Crashes
from mall.config.simulation.fates import (
    ANSWER_SECONDS,
    LATENESS_SECONDS,
    NOTICES,
    PATIENCE_SECONDS,
    REQUESTS,
    SLOW_SECONDS,
    Asked,
    Told,
)
from mall.config.simulation.trace import Trace
from payments.acquiring.rehearsal import Carried

HEARD_MAX: Final = 50


@dataclass(frozen=True)
class Ends:
    """Both ends of the line, and what goes on while somebody waits for an answer."""

    bank: Callable[[Carried], Carried]
    mall: Callable[[Carried], Carried]
    meanwhile: Callable[[], None]


@dataclass(order=True)
class _Late:
    """Something still on its way: when it arrives, and what that means."""

    at: datetime
    turn: int
    arrive: Callable[[], None] = field(compare=False)


class Network:
    """Carries requests there and notices back; calm until `is_bad`."""

    def __init__(
        self, dice: Random, *, clock: VirtualClock, trace: Trace, crashes: Crashes
    ) -> None:
        """Take chance, time, and those who write down what happened; `ends` are joined later."""
        self._dice = dice
        self._clock = clock
        self._trace = trace
        self._crashes = crashes
        self._turns = itertools.count()
        self._late: list[_Late] = []
        self.ends: Ends
        self.is_bad = False
        self.down_until = clock.now()
        # What was said on the line, for whoever listens there and says it again.
        self.overheard: list[Carried] = []

    # --- requests: from us to the bank --------------------------------------------------------

    def carry(self, left: Carried, written: Callable[[], None]) -> Carried:
        """Carry a request of ours; OSError where the line breaks."""
        self._crashes.pass_by("before the first byte")
        answer = _CARRYING[self._fate_of_request(left)](self, left, written)
        self._crashes.pass_by("with the answer in hand")
        return answer

    def _fate_of_request(self, left: Carried) -> Asked:
        if not self.is_bad:
            return Asked.DELIVERED
        if self._clock.now() < self.down_until:
            self._trace.fault("bank down", f"{left.method} {left.target}")
            return Asked.NOT_SENT
        fate = weighted(self._dice, REQUESTS)
        if fate is not Asked.DELIVERED:
            self._trace.fault(fate, f"{left.method} {left.target}")
        return fate

    def deliver(self, left: Carried, written: Callable[[], None]) -> Carried:
        """There and back at once."""
        written()
        answer = self.ends.bank(left)
        self._clock.forward(ANSWER_SECONDS)
        return answer

    def deliver_slowly(self, left: Carried, written: Callable[[], None]) -> Carried:
        """There and back, and much happens in the meantime."""
        written()
        answer = self.ends.bank(left)
        self._clock.forward(self._dice.choice(SLOW_SECONDS))
        self.ends.meanwhile()
        return answer

    def refuse(self, _left: Carried, _written: Callable[[], None]) -> Carried:
        """Nobody takes the call."""
        raise ConnectionRefusedError("the bank cannot be reached")

    def lose(self, _left: Carried, written: Callable[[], None]) -> Carried:
        """The first byte left, and no more was heard of it."""
        written()
        self._wait_in_vain()

    def lose_answer(self, left: Carried, written: Callable[[], None]) -> Carried:
        """The bank did it, and we shall not hear of it."""
        written()
        self.ends.bank(left)
        self._wait_in_vain()

    def deliver_late(self, left: Carried, written: Callable[[], None]) -> Carried:
        """It arrives when we have long given up waiting."""
        written()
        self._later(lambda: self._arrive_at_the_bank(left))
        self._wait_in_vain()

    def deliver_twice(self, left: Carried, written: Callable[[], None]) -> Carried:
        """The bank hears it twice; one of its answers comes back."""
        written()
        return self._dice.choice([self.ends.bank(left), self.ends.bank(left)])

    def spoil_question(self, left: Carried, written: Callable[[], None]) -> Carried:
        """It arrives as something else."""
        written()
        return self.ends.bank(self._spoilt(left))

    def spoil_answer(self, left: Carried, written: Callable[[], None]) -> Carried:
        """The answer arrives as something else."""
        return self._spoilt(self.deliver(left, written))

    def gateway_before(self, _left: Carried, written: Callable[[], None]) -> Carried:
        """A gateway answers instead of the bank."""
        written()
        return Carried(headers={}, body=b"<h1>Bad Gateway</h1>", status=502)

    def gateway_after(self, left: Carried, written: Callable[[], None]) -> Carried:
        """The bank did it; a gateway says that something went wrong."""
        self.deliver(left, written)
        return Carried(headers={}, body=b"<h1>Gateway Timeout</h1>", status=504)

    def _wait_in_vain(self) -> Never:
        self._clock.forward(PATIENCE_SECONDS)
        self.ends.meanwhile()
        raise TimeoutError("no answer came")

    def _arrive_at_the_bank(self, left: Carried) -> None:
        answer = self.ends.bank(left)
        self._trace.tell("net", f"late {left.method} {left.target}: the bank says {answer.status}")

    # --- notices: from the bank to us ---------------------------------------------------------

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Carry a notice of the bank's to us; OSError where the bank hears nothing back."""
        left = Carried(headers=dict(headers), body=body, method="POST", target=urlsplit(url).path)
        self.overheard = [*self.overheard, left][-HEARD_MAX:]
        fate = weighted(self._dice, NOTICES) if self.is_bad else Told.DELIVERED
        if fate is not Told.DELIVERED:
            self._trace.fault(fate, left.target)
        answer = _TELLING[fate](self, left)
        if not answer.status:
            raise ConnectionResetError("the merchant hung up")
        return answer.status, answer.body

    def tell(self, left: Carried) -> Carried:
        """It arrives."""
        return self.ends.mall(left)

    def drop(self, _left: Carried) -> Carried:
        """It does not arrive."""
        raise TimeoutError("no answer came")

    def tell_unheard(self, left: Carried) -> Carried:
        """It arrives, and the bank does not hear that it did."""
        self.ends.mall(left)
        raise TimeoutError("no answer came")

    def tell_late(self, left: Carried) -> Carried:
        """It arrives when the bank thinks that it did not."""
        self._later(lambda: self._arrive_at_the_mall(left))
        raise TimeoutError("no answer came")

    def tell_twice(self, left: Carried) -> Carried:
        """It arrives twice, byte for byte."""
        self.ends.mall(left)
        return self.ends.mall(left)

    def tell_spoilt(self, left: Carried) -> Carried:
        """It arrives as something else."""
        return self.ends.mall(self._spoilt(left))

    def answer_for_us(self, _left: Carried) -> Carried:
        """A gateway of ours answers."""
        return Carried(headers={}, body=b"<h1>Service Unavailable</h1>", status=503)

    def _arrive_at_the_mall(self, left: Carried) -> None:
        answer = self.ends.mall(left)
        self._trace.tell("net", f"late notice: we say {answer.status}")

    # --- what is still on its way -------------------------------------------------------------

    def next_arrival(self) -> datetime | None:
        """Return when the next late message arrives; None where nothing is on its way."""
        return self._late[0].at if self._late else None

    def arrive_next(self) -> bool:
        """Let the next late message arrive if it is due; say whether one did."""
        if not self._late or self._late[0].at > self._clock.now():
            return False
        heapq.heappop(self._late).arrive()
        return True

    def _later(self, arrive: Callable[[], None]) -> None:
        seconds = self._dice.choice(LATENESS_SECONDS) * self._dice.uniform(0.5, 1.0)
        at = self._clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._late, _Late(at, next(self._turns), arrive))

    def _spoilt(self, left: Carried) -> Carried:
        """Turn one bit of the body, or of the signature where there is no body; or cut it short."""
        if left.body and self._dice.random() < 0.2:
            return replace(left, body=left.body[: self._dice.randrange(len(left.body))])
        if left.body:
            body = bytearray(left.body)
            body[self._dice.randrange(len(body))] ^= 1 << self._dice.randrange(7)
            return replace(left, body=bytes(body))
        signed = "Sandbox-Signature"
        turned = left.headers.get(signed, "")[::-1]
        return replace(left, headers={**left.headers, signed: turned})


_CARRYING: Final[Mapping[Asked, Callable[[Network, Carried, Callable[[], None]], Carried]]] = {
    Asked.DELIVERED: Network.deliver,
    Asked.SLOW: Network.deliver_slowly,
    Asked.NOT_SENT: Network.refuse,
    Asked.LOST: Network.lose,
    Asked.UNANSWERED: Network.lose_answer,
    Asked.LATE: Network.deliver_late,
    Asked.DOUBLED: Network.deliver_twice,
    Asked.QUESTION_BROKEN: Network.spoil_question,
    Asked.ANSWER_BROKEN: Network.spoil_answer,
    Asked.GATEWAY_BEFORE: Network.gateway_before,
    Asked.GATEWAY_AFTER: Network.gateway_after,
}
_TELLING: Final[Mapping[Told, Callable[[Network, Carried], Carried]]] = {
    Told.DELIVERED: Network.tell,
    Told.DROPPED: Network.drop,
    Told.UNACKNOWLEDGED: Network.tell_unheard,
    Told.LATE: Network.tell_late,
    Told.DOUBLED: Network.tell_twice,
    Told.BROKEN: Network.tell_spoilt,
    Told.GATEWAY: Network.answer_for_us,
}
