"""Our form is Stripe's form: compared with the official library on whatever can be nested."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from payments.adapters.stripe.encoding import form_body, pairs, query_string
from payments.adapters.stripe.wire import idempotency_key

_NAMES = st.text("abcdefghij_", min_size=1, max_size=8)
_INSTANTS = st.integers(0, 2**32).map(lambda stamp: datetime.fromtimestamp(stamp, UTC))
_TEXTS = st.text(max_size=12)
_LEAVES = st.one_of(_TEXTS, st.integers(), st.booleans(), st.none(), _INSTANTS)
# Straight inside a list the official library writes Python's own words for truth and nothing.
_ITEMS = st.one_of(_TEXTS, st.integers())


def _nested(children):
    things = st.dictionaries(_NAMES, children, max_size=4)
    return things | st.lists(things | _ITEMS, max_size=4)


_PARAMS = st.dictionaries(_NAMES, st.recursive(_LEAVES, _nested, max_leaves=20), max_size=5)


@given(_PARAMS)
def test_any_parameters_are_written_as_the_official_library_writes_them(params):
    official = [(name, str(value)) for name, value in _api_encode(params)]

    assert list(pairs(params)) == official
    # stripe/_api_requestor.py leaves brackets readable as well.
    text = urlencode(official).replace("%5B", "[").replace("%5D", "]")
    assert form_body(params) == text.encode()


def test_the_published_example():
    params = {"a": {"b": [{"c": 1}, {"c": True}]}, "expand": ["x"]}

    assert form_body(params) == b"a[b][0][c]=1&a[b][1][c]=true&expand[0]=x"


def test_what_is_unset_what_is_emptied_and_what_is_not_ascii():
    params = {"left": None, "emptied": "", "note": "荔枝 & 李", "metadata": {"linli_no": "P1"}}

    assert form_body(params) == (
        b"emptied=&note=%E8%8D%94%E6%9E%9D+%26+%E6%9D%8E&metadata[linli_no]=P1"
    )


def test_a_query_goes_where_brackets_may_not():
    assert query_string({}) == ""
    assert query_string({"created": {"gte": 5}, "limit": 100}) == "?created%5Bgte%5D=5&limit=100"


def test_the_same_purpose_and_number_are_the_same_request():
    key = idempotency_key("pay", "P261122ABCDEFGHJKMNP")

    assert key == idempotency_key("pay", "P261122ABCDEFGHJKMNP")
    assert key != idempotency_key("refund", "P261122ABCDEFGHJKMNP")
    assert (len(key), key.isalnum()) == (64, True)
