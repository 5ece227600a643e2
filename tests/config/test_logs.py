"""Log lines: one per event, readable, and with nothing personal in them."""

from __future__ import annotations

import copy
import io
import logging
import logging.config

import pytest
import structlog

from mall.config.logs import LOGGING
from mall.config.masking import masked, masked_text

CARD_WITH_LUHN = "4111111111111111"


@pytest.fixture
def lines():
    """What the console handler writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    description = copy.deepcopy(LOGGING["formatters"]["line"])
    made = logging.config.DictConfigurator({})
    handler.setFormatter(made.configure_formatter(description))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: written.getvalue().splitlines()
    root.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 13812345678 now", "call 138****5678 now"),
        ("+8613812345678", "+86138****5678"),
        ("+86 138 1234 5678", "+86 138****5678"),
        (f"card {CARD_WITH_LUHN}.", "card ****1111."),
        ("card 4111 1111 1111 1111", "card ****1111"),
        ("token=abc123&x=1", "token=***&x=1"),
        ('{"signature": "MEUCIQ", "n": 1}', '{"signature": "***", "n": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("GET /p/9fK2x_a-1/ 200", "GET /p/***/ 200"),
        ("A" * 100, "<100 characters>"),
    ],
)
def test_what_is_personal_or_secret_is_hidden(text, expected):
    assert masked_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "P2611220123456789AB1",  # a payment number
        "order R26112213812345678",  # digits inside a business number are no telephone
        "amount_minor=19200",
        "2026-11-22T20:00:00+08:00",
        "code=payment_declined",
        "4111111111111112",  # fails the check of card numbers
    ],
)
def test_business_numbers_stay_readable(text):
    assert masked_text(text) == text


def test_values_are_hidden_by_their_name_and_inside_other_values():
    assert masked("s3cret", "LINLI_API_TOKEN") == "***"
    assert masked("123456", "otp") == "***"
    assert masked("declined", "code") == "declined"
    assert masked(13812345678, "phone") == "138****5678"
    assert masked(19200, "amount_minor") == "19200"
    assert masked({"payer": {"phone": ["13812345678"], "sign": "x"}}) == {
        "payer": {"phone": ["138****5678"], "sign": "***"}
    }


def test_a_line_says_when_what_and_the_business_number(lines):
    structlog.get_logger("payments.services").info(
        "payment.sent", payment_no="P2611220123456789AB1", wait="a b"
    )

    (line,) = lines()
    assert line.split(" ", 1)[1] == (
        'info payments.services payment.sent payment_no=P2611220123456789AB1 wait="a b"'
    )


def test_a_librarys_line_is_masked_as_well(lines):
    logging.getLogger("some.library").warning("sent to %s", "13812345678")

    (line,) = lines()
    assert line.endswith("warning some.library sent to 138****5678")


def test_nobody_outside_can_begin_a_line_of_the_log(lines):
    structlog.get_logger("x").info("named", name="a\n2026-01-01 info forged\r\n")

    (line,) = lines()
    assert line.endswith('named name="a\\n2026-01-01 info forged\\r\\n"')


def test_a_traceback_follows_its_line_and_is_masked(lines):
    try:
        int(CARD_WITH_LUHN + "x")
    except ValueError:
        structlog.get_logger("x").exception("job.failed", job="payments.expire")

    first, *rest = lines()
    assert first.endswith("error x job.failed job=payments.expire")
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1].startswith("ValueError: invalid literal for int()")
    assert CARD_WITH_LUHN not in "".join(rest)


def test_a_request_writes_one_line_with_its_route_and_number(client, lines, db):
    response = client.get("/healthz?phone=13812345678", headers={"X-Request-Id": "from-the-proxy"})
    client.get("/no-such/13812345678/")

    assert response["X-Request-Id"] == "from-the-proxy"
    access = [line for line in lines() if " access request " in line]
    assert len(access) == 1  # the health question is not logged: it comes every few seconds
    assert "13812345678" not in "".join(lines())
    assert "route=/no-such/138****5678/" in access[0]
    assert "status=404" in access[0]


def test_a_request_number_that_could_confuse_the_log_is_replaced(client):
    response = client.get("/healthz", headers={"X-Request-Id": "a b=c"})

    assert len(response["X-Request-Id"]) == 32
