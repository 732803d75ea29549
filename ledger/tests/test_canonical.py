from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.canonical import LARGEST, MOST_BYTES, NotCanonical, canonical, clean, commitment, timestamp

characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters) | st.text('"\\/\b\f\n\r\t\x00\x1f\x7f\x80\u2028\u2029\ufffe\U0001f600\U0010ffff<&')
scalars = texts | st.integers(-LARGEST, LARGEST) | st.sampled_from([LARGEST, -LARGEST, 0, -1]) | st.booleans() | st.none()
keys = st.from_regex(r"[a-z_]+", fullmatch=True)


def payloads(levels: int) -> st.SearchStrategy[dict[str, Any]]:
    inner = scalars if levels == 1 else scalars | payloads(levels - 1) | st.lists(scalars, max_size=4)
    if levels == 1:
        return st.dictionaries(keys, scalars, max_size=4)
    return st.dictionaries(keys, inner, max_size=4)


def nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [nfc(item) for item in value]
    return {key: nfc(item) for key, item in value.items()} if isinstance(value, dict) else value


@settings(deadline=None)
@given(payloads(4))
@example({"b": "\U0001d11e", "a_": LARGEST, "_": -LARGEST, "a": '\x00\x1f\x7f"\\/', "list": [{}, [], [None, True, False, 0]]})
def test_the_bytes_are_those_of_rfc_8785(value: dict[str, Any]):
    assert canonical(value) == rfc8785.dumps(nfc(value))


@settings(deadline=None)
@given(payloads(3))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]):
    assert canonical(dict(reversed(list(value.items())))) == canonical(value)


@settings(deadline=None)
@given(payloads(3))
def test_what_was_cleaned_is_clean(value: dict[str, Any]):
    assert clean(clean(value)) == clean(value)


@pytest.mark.parametrize(
    "value",
    [
        1.0, 0.1, float("nan"), float("inf"), -0.0, 2**53, -(2**53), b"bytes", (1, 2), {1}, datetime(2026, 1, 1, tzinfo=UTC),
        "\ud800", "a\udfffb", "ż\udc00", complex(1), object(), type("Whole", (int,), {})(3),
    ],
)  # fmt: skip
def test_it_refuses_what_has_no_canonical_form(value: object):
    for holder in ({"a": value}, {"a": [value]}, {"a": {"b": [None, value]}}):
        with pytest.raises(NotCanonical):
            canonical(holder)


@pytest.mark.parametrize("key", ["A", "aB", "a-b", "a b", "", "ą", "1a", "a\n", "a.b", 1, None, True])
def test_it_refuses_a_bad_key(key: Any):
    with pytest.raises(NotCanonical, match="is not of the form"):
        canonical({key: 1})
    with pytest.raises(NotCanonical):
        canonical({"a": [{key: 1}]})


def test_a_boolean_is_not_an_integer():
    assert canonical({"a": True, "b": 1, "c": False, "d": 0}) == b'{"a":true,"b":1,"c":false,"d":0}'


def test_it_takes_the_largest_integers_and_no_larger():
    assert canonical({"a": [LARGEST, -LARGEST]}) == b'{"a":[9007199254740991,-9007199254740991]}'
    with pytest.raises(NotCanonical, match="53 bits"):
        canonical({"a": LARGEST + 1})


def test_strings_come_out_composed():
    decomposed = "Zaz\u0307o\u0301\u0142c\u0301"
    assert canonical({"a": decomposed}) == '{"a":"Zażółć"}'.encode()
    assert canonical({"a": "\u212b\u0340"}) == '{"a":"\u00c5\u0300"}'.encode()  # a singleton is another spelling too


def test_a_string_of_another_type_is_written_as_its_text():
    word = StrEnum("word", {"YES": "yes"})
    assert canonical({"a": word.YES}) == b'{"a":"yes"}'


def nested(levels: int, kind: type) -> dict[str, Any]:
    value: Any = [] if kind is list else {}
    for _ in range(levels - 2):
        value = [value] if kind is list else {"a": value}
    return {"a": value}


@pytest.mark.parametrize("kind", [list, dict])
def test_it_takes_six_levels_and_not_seven(kind: type):
    assert canonical(nested(6, kind)) == rfc8785.dumps(nested(6, kind))
    with pytest.raises(NotCanonical, match="6 levels"):
        canonical(nested(7, kind))


def test_it_takes_sixteen_kilobytes_and_not_a_byte_more():
    room = MOST_BYTES - len(b'{"a":""}')
    assert MOST_BYTES == 16_384
    assert len(canonical({"a": "x" * room})) == MOST_BYTES
    with pytest.raises(NotCanonical, match="16385 bytes"):
        canonical({"a": "x" * (room + 1)})
    with pytest.raises(NotCanonical):  # bytes, not characters
        canonical({"a": "ż" * (room // 2 + 1)})


def test_the_commitment_is_rfc_2104_with_sha_256():
    # RFC 4231, test case 1.
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert commitment(b"\x0b" * 20, b"Hi There") == expected


def test_times_are_utc_to_the_microsecond():
    warsaw = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 7, 1, 1, 2, 3, 4, tzinfo=warsaw)) == "2026-06-30T23:02:03.000004Z"
    assert timestamp(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01T00:00:00.000000Z"
