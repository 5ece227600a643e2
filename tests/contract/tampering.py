"""Messages somebody changed on their way: seeded, as many as wanted, each one change or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Final

from payments.acquiring.contract import RawHttp

_ENCODINGS: Final = ("utf-16", "gbk", "utf-7", "utf-8-sig", "cp037")
_ADDED: Final = (b"\0", b" ", b"\n", b"{}", b"\xff", b",", b'"', b"A")


def tampered(genuine: RawHttp, *, seed: int, count: int) -> Iterator[RawHttp]:
    """Change a genuine message in every way a stranger might; never return it as it was."""
    chance = Random(seed)
    ways = _WAYS if _proofs(genuine) else _WAYS_OF_BODIES
    made = 0
    while made < count:
        case = chance.choice(ways)(genuine, chance)
        if chance.random() < 0.2 and bool(_proofs(case)) == bool(_proofs(genuine)):
            case = chance.choice(ways)(case, chance)
        if (case.headers, case.body, case.method) != (
            genuine.headers,
            genuine.body,
            genuine.method,
        ):
            made += 1
            yield case


def _proofs(raw: RawHttp) -> list[str]:
    """The headers that are not HTTP's own: among them are signature, time and serial."""
    common = {"host", "content-length", "content-type", "user-agent", "accept", "connection"}
    names = [name for name in raw.headers if name not in common and "accept" not in name]
    return sorted(names)


def _with_header(raw: RawHttp, name: str, value: str) -> RawHttp:
    return replace(raw, headers={**raw.headers, name: value})


def _flip_a_bit_of_the_body(raw: RawHttp, chance: Random) -> RawHttp:
    if not raw.body:
        return raw
    body = bytearray(raw.body)
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return replace(raw, body=bytes(body))


def _cut_the_body(raw: RawHttp, chance: Random) -> RawHttp:
    return replace(raw, body=raw.body[: chance.randrange(len(raw.body) + 1)])


def _add_to_the_body(raw: RawHttp, chance: Random) -> RawHttp:
    place = chance.randrange(len(raw.body) + 1)
    return replace(raw, body=raw.body[:place] + chance.choice(_ADDED) + raw.body[place:])


def _swap_two_bytes(raw: RawHttp, chance: Random) -> RawHttp:
    if len(raw.body) < 2:
        return raw
    body = bytearray(raw.body)
    one, other = chance.randrange(len(body)), chance.randrange(len(body))
    body[one], body[other] = body[other], body[one]
    return replace(raw, body=bytes(body))


def _write_the_body_otherwise(raw: RawHttp, chance: Random) -> RawHttp:
    text = raw.body.decode("utf-8", "replace")
    return replace(raw, body=text.encode(chance.choice(_ENCODINGS), "replace"))


def _change_a_figure(raw: RawHttp, chance: Random) -> RawHttp:
    digits = [place for place, byte in enumerate(raw.body) if 48 <= byte <= 57]
    if not digits:
        return raw
    body = bytearray(raw.body)
    body[chance.choice(digits)] = chance.choice(b"0123456789")
    return replace(raw, body=bytes(body))


def _empty_the_body(raw: RawHttp, _chance: Random) -> RawHttp:
    return replace(raw, body=b"")


def _change_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    name = chance.choice(_proofs(raw))
    value = raw.headers[name]
    if not value:
        return raw
    place = chance.randrange(len(value))
    other = chance.choice("0123456789abcdefABCDEF+/=,.;-_ é中")
    return _with_header(raw, name, value[:place] + other + value[place + 1 :])


def _cut_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    name = chance.choice(_proofs(raw))
    return _with_header(
        raw, name, raw.headers[name][: chance.randrange(len(raw.headers[name]) + 1)]
    )


def _drop_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    name = chance.choice(_proofs(raw))
    return replace(raw, headers={k: v for k, v in raw.headers.items() if k != name})


def _repeat_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    name = chance.choice(_proofs(raw))
    return _with_header(raw, name, f"{raw.headers[name]}, {raw.headers[name]}")


def _shift_figures_of_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    """Move a time a little, or make a serial its neighbour."""
    name = chance.choice(_proofs(raw))
    value = raw.headers[name]
    digits = [place for place, sign in enumerate(value) if sign.isdecimal()]
    if not digits:
        return raw
    place = chance.choice(digits)
    return _with_header(raw, name, f"{value[:place]}{chance.randrange(10)}{value[place + 1 :]}")


def _fill_a_header(raw: RawHttp, chance: Random) -> RawHttp:
    name = chance.choice(_proofs(raw))
    return _with_header(raw, name, chance.choice(("", "0", "-1", "9" * 400, "A" * 9000, "t=,v1=")))


_WAYS: Final[tuple[Callable[[RawHttp, Random], RawHttp], ...]] = (
    _flip_a_bit_of_the_body,
    _flip_a_bit_of_the_body,
    _cut_the_body,
    _add_to_the_body,
    _swap_two_bytes,
    _write_the_body_otherwise,
    _change_a_figure,
    _change_a_figure,
    _empty_the_body,
    _change_a_header,
    _change_a_header,
    _change_a_header,
    _cut_a_header,
    _drop_a_header,
    _repeat_a_header,
    _shift_figures_of_a_header,
    _fill_a_header,
)
# Where the proof is a field of the body, as a form has it.
_WAYS_OF_BODIES: Final = tuple(way for way in _WAYS if "header" not in way.__name__)
