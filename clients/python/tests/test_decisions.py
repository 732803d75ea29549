# mypy: disable-error-code="import-not-found"
"""May this person be reached? Whatever goes wrong is a no."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from preference_center_client import Center, Check, Problem, Unreachable, by_email, by_id, by_pairwise, by_phone
from preference_center_client.answers import PERMITS

ANNA = by_id("C-1001")
YES = {
    "allowed": True, "reason": "granted", "purpose": "news", "channel": "email", "proof": "3d1c6f7e-0000-4000-8000-000000000001",
    "position": 41, "at": "2026-11-02T09:15:00.000001Z",
}  # fmt: skip
WITHIN = 1.0  # seconds: what connect + read of the fixture make
KEY = "pck_a1_notASecret"


def allowed(center: Center) -> bool:
    return bool(center.allowed(ANNA, "news", "email"))


def test_it_allows_what_was_granted(server: Any, center: Center):
    server.will(server.json(YES))
    assert center.allowed(ANNA, "news", "email", min_position=41) is True
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/decisions")
    assert asked.json == {"person": {"id": "C-1001"}, "purpose": "news", "channel": "email", "min_position": 41}
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert "idempotency-key" not in asked.headers  # it changes nothing


def test_it_says_why(server: Any, center: Center):
    server.will(server.json(YES))
    decision = center.decide(ANNA, "news", "email")
    assert decision
    assert (decision.reason, decision.proof, decision.position) == ("granted", YES["proof"], 41)
    assert decision.at == datetime(2026, 11, 2, 9, 15, 0, 1, UTC)


@pytest.mark.parametrize("reason", sorted(PERMITS))
def test_it_allows_for_each_reason_that_permits(server: Any, center: Center, reason: str):
    server.will(server.json(YES | {"reason": reason}))
    assert allowed(center)


def test_a_decision_that_is_no_counts_as_false(server: Any, center: Center):
    server.will(server.json(YES | {"allowed": False, "reason": "withdrawn"}))
    assert not center.decide(ANNA, "news", "email")


@pytest.mark.parametrize("reason", ["withdrawn", "unknown_person", "of_a_later_version", "", "GRANTED"])
def test_a_yes_for_another_reason_is_no_yes(server: Any, center: Center, reason: str):
    server.will(server.json(YES | {"reason": reason}))
    assert allowed(center) is False
    decision = center.decide(ANNA, "news", "email")
    assert (decision.allowed, decision.reason) == (False, reason)


# ── Faults ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WRONG = [
    ("allowed", 1), ("allowed", "true"), ("allowed", None), ("allowed", [True]), ("reason", None), ("reason", ["granted"]),
    ("purpose", "ads"), ("purpose", None), ("channel", "sms"), ("channel", None), ("proof", 7), ("position", "41"), ("position", None),
    ("position", True), ("at", None), ("at", "yesterday"), ("at", "2026-11-02T09:15:00"), ("at", 1730000000),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_an_answer_of_the_wrong_shape_is_no(server: Any, center: Center, name: str, value: Any):
    server.will(server.json(YES | {name: value}))
    assert allowed(center) is False
    with pytest.raises(Unreachable):
        center.decide(ANNA, "news", "email")
    assert len(server.asked) == 2  # asking again would bring the same


@pytest.mark.parametrize("name", sorted(YES.keys() - {"proof"}))
def test_an_answer_that_misses_a_member_is_no(server: Any, center: Center, name: str):
    server.will(server.json({key: value for key, value in YES.items() if key != name}))
    assert allowed(center) is False


WHOLE = json.dumps(YES).encode()
GARBAGE = [
    b"", b"null", b"true", b"[]", b'"granted"', b"[" * 100_000, b"<html>no center here</html>", WHOLE[:-1], WHOLE + WHOLE,
    b"\xff\xfe" + WHOLE,
    WHOLE.decode().encode("utf-16"), WHOLE.replace(b"41", b"NaN"), WHOLE.replace(b"41", b"9" * 5000), b"\0" * 100,
]  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_is_no(server: Any, center: Center, content: bytes):
    server.will(server.body(200, content))
    assert allowed(center) is False


RAW = [
    b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + WHOLE, b"SSH-2.0-OpenSSH_9\r\n", b"\0" * 50,
    b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: no\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"all\r\n",
]  # fmt: skip


@pytest.mark.parametrize("data", RAW)
def test_half_an_answer_is_no(server: Any, center: Center, data: bytes):
    server.will(server.raw(data))
    assert allowed(center) is False
    with pytest.raises(Unreachable):
        center.decide(ANNA, "news", "email")


def test_a_whole_answer_without_a_length_is_one(server: Any, center: Center):
    server.will(server.raw(b"HTTP/1.1 200 OK\r\n\r\n" + WHOLE))
    assert allowed(center) is True


@pytest.mark.parametrize("status", [201, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 413, 422, 429, 500, 501, 502, 503, 504])
def test_every_other_status_is_no(server: Any, center: Center, status: int):
    """Also with a body that says yes, except 201, which is a success like any other."""
    server.will(
        server.json(YES, status, Location=f"{server.origin}/elsewhere") if status != 204 else server.raw(b"HTTP/1.1 204 No\r\n\r\n")
    )
    assert allowed(center) is (status == 201)
    assert {asked.path for asked in server.asked} == {"/api/v1/decisions"}


def test_a_redirect_is_not_followed_nor_read(server: Any, center: Center):
    server.will(server.raw(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), server.json(YES))
    with pytest.raises(Problem) as raised:
        center.decide(ANNA, "news", "email")
    assert (raised.value.status, raised.value.code) == (302, "unexplained")
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", ["hangs", "drips", "resets"])
def test_a_center_that_does_not_answer_is_no_in_time(server: Any, center: Center, fault: str):
    server.will(getattr(server, fault)())
    began = time.monotonic()
    assert allowed(center) is False
    assert time.monotonic() - began < WITHIN + 0.6


def test_it_hangs_in_the_middle_of_its_answer(server: Any, center: Center):
    server.will(server.hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + WHOLE))
    began = time.monotonic()
    assert allowed(center) is False
    assert time.monotonic() - began < WITHIN + 0.6


def test_a_center_that_is_gone_is_no_in_time(server: Any):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    center = Center(f"http://127.0.0.1:{port}", KEY, timeout=(0.5, 0.5))
    began = time.monotonic()
    assert allowed(center) is False
    assert time.monotonic() - began < WITHIN
    with pytest.raises(Unreachable):
        center.decide(ANNA, "news", "email")


def test_a_center_that_accepts_nobody_is_no_in_time():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        began = time.monotonic()
        assert allowed(Center(f"http://127.0.0.1:{address[1]}", KEY, timeout=(0.3, 0.5))) is False
        assert time.monotonic() - began < 1.4
        for each in waiting:
            each.close()


def test_an_answer_without_end_is_no(server: Any):
    def endless(handler: Any, asked: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not server.over.is_set():
            handler.wfile.write(b" " * 65536)

    server.will(endless)
    assert allowed(Center(server.origin, KEY, timeout=(5, 5))) is False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(YES)), inner),
    )
)
def test_no_json_but_its_own_is_a_yes(server: Any, center: Center, content: Any):
    server.will(server.json(content))
    assert allowed(center) is False


def test_a_fault_of_our_own_is_no(center: Any, caplog: pytest.LogCaptureFixture):
    """Whatever it raises, nobody gets mail for it."""
    center._wire.timeout = None
    with caplog.at_level(logging.ERROR):
        assert allowed(center) is False
    assert "counts as no" in caplog.text


def test_the_log_names_nobody(server: Any, center: Center, caplog: pytest.LogCaptureFixture):
    server.will(server.json({"code": "invalid", "detail": "anna@example.com is none"}, 422))
    with caplog.at_level(logging.DEBUG, "preference_center_client"):
        assert center.allowed(by_email("anna@example.com"), "news") is False
    assert "422 invalid" in caplog.text
    assert "anna" not in caplog.text.replace("DEBUG", "")


# ── A question that is none ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("purpose", ["", " ", "../people", "news/x", "news\n", "a b"])
def test_a_purpose_is_a_key(center: Center, purpose: str):
    with pytest.raises(ValueError, match="purpose"):
        center.allowed(ANNA, purpose)
    with pytest.raises(ValueError, match="purpose"):
        center.audience(purpose)


@pytest.mark.parametrize("question", [("C-1001", "news", ""), (ANNA, None, ""), (ANNA, "news", None), (None, "news", "")])
def test_a_question_of_the_wrong_types_raises(center: Center, question: Any):
    with pytest.raises(TypeError):
        center.allowed(*question)


@pytest.mark.parametrize("position", [-1, 1.5, "3", True])
def test_a_position_is_a_number(center: Center, position: Any):
    for ask in (center.allowed, center.decide):
        with pytest.raises(ValueError, match="position"):
            ask(ANNA, "news", min_position=position)


def test_a_person_is_named_in_one_of_four_ways():
    number: Any = 1001
    people = [by_id("C-1"), by_email("anna@example.com"), by_phone("+48600100100"), by_pairwise("0" * 32)]
    assert [each.as_json() for each in people] == [
        {"id": "C-1"}, {"email": "anna@example.com"}, {"phone": "+48600100100"}, {"pairwise": "0" * 32},
    ]  # fmt: skip
    assert repr(people[1]) == "Person(by='email')"
    for empty in ("", " "):
        with pytest.raises(ValueError, match="empty"):
            by_id(empty)
    with pytest.raises(ValueError, match="32"):
        by_pairwise("0" * 31 + "g")
    with pytest.raises(TypeError):
        by_id(number)


@pytest.mark.parametrize(
    "origin",
    ["http://center.example", "center.example", "ftp://a", "https://u:p@a", "https://a/b", "https://a?b", "https://", "https://a:0"],
)
def test_an_address_is_a_safe_one(origin: str):
    with pytest.raises(ValueError, match=r"center|port"):
        Center(origin, KEY)


@pytest.mark.parametrize("key", ["", "secret", "pck_a\nX-Other: b", "pck_ą", "pck_"])
def test_a_key_is_one_and_is_not_shown(key: str):
    with pytest.raises(ValueError, match=r"\Aa key begins with pck_\Z"):
        Center("https://center.example", key)
    assert KEY not in repr(Center("https://center.example", KEY))


@pytest.mark.parametrize(
    "how", [{"timeout": (0, 5)}, {"timeout": (2, float("inf"))}, {"timeout": (1, 2, 3)}, {"retries": -1}, {"retries": 99}]
)
def test_patience_has_bounds(how: Any):
    with pytest.raises(ValueError, match="timeout is two|retries is a number|too many values to unpack"):
        Center("https://center.example", KEY, **how)


# ── Repeating ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_asked_again(server: Any, center: Center, status: int):
    server.will(server.problem(status, "too-many"), server.json(YES))
    assert allowed(center) is True
    assert len(server.asked) == 2


def test_a_lost_connection_is_asked_again(server: Any, center: Center):
    server.will(server.resets(), server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), server.json(YES))
    assert allowed(center) is True


def test_a_timeout_is_asked_again(server: Any):
    server.will(server.hangs(), server.json(YES))
    assert allowed(Center(server.origin, KEY, timeout=(2, 0.3))) is True


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 422, 500, 501])
def test_what_stays_is_not(server: Any, center: Center, status: int):
    server.will(server.problem(status, "some-code"), server.json(YES))
    with pytest.raises(Problem) as raised:
        center.decide(ANNA, "news", "email")
    assert (raised.value.code, raised.value.status, raised.value.detail, raised.value.errors) == ("some-code", status, "so it is", ())
    assert len(server.asked) == 1


def test_it_is_repeated_so_often_and_no_more(server: Any):
    server.will(server.problem(503, "too-many"))
    for retries in (0, 2):
        server.asked.clear()
        with pytest.raises(Problem):
            Center(server.origin, KEY, retries=retries).decide(ANNA, "news", "email")
        assert len(server.asked) == retries + 1


def test_it_waits_as_long_as_it_is_told(server: Any):
    server.will(server.problem(429, "too-many", Retry_After="1"), server.json(YES))
    began = time.monotonic()
    assert allowed(Center(server.origin, KEY)) is True
    assert 1.0 <= time.monotonic() - began < 2


@pytest.mark.parametrize("told", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT", "99999999999999999999"])
def test_it_does_not_wait_longer_than_the_question_may_take(server: Any, center: Center, told: str):
    server.will(server.problem(429, "too-many", Retry_After=told))
    began = time.monotonic()
    with pytest.raises(Problem) as raised:
        center.decide(ANNA, "news", "email")
    assert time.monotonic() - began < 0.4
    assert (raised.value.retry_after or 0) > 3000
    assert len(server.asked) == 1


@pytest.mark.parametrize("told", ["-5", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT", "²"])
def test_a_retry_after_that_is_none_is_passed_over(server: Any, center: Center, told: str):
    server.will(server.problem(503, "too-many", Retry_After=told), server.json(YES))
    assert allowed(center) is True


# ── The connection ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_connection_serves_many_questions(server: Any, center: Center):
    server.will(server.json(YES))
    assert all(allowed(center) for _ in range(20))
    assert len({asked.port for asked in server.asked}) == 1


def test_no_cookie_and_no_password_file_is_used(server: Any, center: Center, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login anna password hers\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.will(server.json(YES, Set_Cookie="a=b; Path=/"))
    assert allowed(center)
    assert allowed(center)
    assert server.asked[1].headers["authorization"] == f"Bearer {KEY}"
    assert "cookie" not in server.asked[1].headers


def test_a_forked_process_opens_a_connection_of_its_own(server: Any, center: Center):
    server.will(server.json(YES))
    assert allowed(center)
    center._wire._process = os.getpid() + 1  # as it looks after a fork
    assert allowed(center)
    assert server.asked[0].port != server.asked[1].port


# ── Many ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def checks(count: int) -> list[Check]:
    return [Check(by_id(f"C-{number}"), "news", "email") for number in range(1, count + 1)]


def line(number: int, allowed: Any = True, reason: str = "granted") -> dict[str, Any]:
    return {"line": number, "allowed": allowed, "reason": reason, "proof": None}


def test_it_answers_many_in_order(server: Any, center: Center):
    end = {"end": True, "count": 3, "position": 7}
    server.will(server.stream(line(1), line(2, False, "withdrawn"), line(3), end))
    for _ in range(2):
        decisions = list(center.decide_many(checks(3), min_position=5))
        assert [(each.person.value, each.allowed, each.reason) for each in decisions] == [
            ("C-1", True, "granted"), ("C-2", False, "withdrawn"), ("C-3", True, "granted"),
        ]  # fmt: skip
    assert server.asked[0].json["min_position"] == 5
    assert server.asked[0].json["checks"][1] == {"person": {"id": "C-2"}, "purpose": "news", "channel": "email"}
    assert server.asked[0].port == server.asked[1].port  # read to its end, it is used again


def test_ten_thousand_are_asked_at_once(server: Any, center: Center):
    def answer(handler: Any, asked: Any) -> None:
        count = len(asked.json["checks"])
        server.stream(*map(line, range(1, count + 1)), {"end": True, "count": count, "position": 7})(handler, asked)

    server.will(answer)
    assert sum(map(bool, center.decide_many(each for each in checks(20_001)))) == 20_001
    assert [len(asked.json["checks"]) for asked in server.asked] == [10_000, 10_000, 1]


def test_nothing_is_asked_about_nobody(server: Any, center: Center):
    assert list(center.decide_many([])) == []
    assert server.asked == []


BROKEN = [
    ([line(1)], {"breaks_off": True}, [True, False, False]),
    ([line(1)], {}, [True, False, False]),
    ([], {"breaks_off": True}, [False, False, False]),
    ([line(1), {"end": True, "count": 1, "position": 7}], {}, [True, False, False]),
    ([line(1), line(3), line(2)], {}, [True, False, False]),
    ([line(1), line(2, "true"), line(3)], {}, [True, False, False]),
    ([line(1), line(2)], {"after": b'{"line": 3, "allowed": true, "reason": "gran'}, [True, True, False]),
    ([line(1), line(2)], {"after": b'{"line": 3, "allowed": true, "reason": "granted"', "breaks_off": True}, [True, True, False]),
    ([line(1)], {"after": b"<html>\n"}, [True, False, False]),
    ([line(1)], {"after": b"x" * 2_000_000}, [True, False, False]),
    ([line(1), line(2), line(3)], {"breaks_off": True}, [True, True, True]),
]


@pytest.mark.parametrize(("lines", "how", "expected"), BROKEN)
def test_what_is_missing_is_no(server: Any, center: Center, lines: list[Any], how: Any, expected: list[bool]):
    server.will(server.stream(*lines, **how))
    decisions = list(center.decide_many(checks(3)))
    assert [each.allowed for each in decisions] == expected
    assert [each.person.value for each in decisions] == ["C-1", "C-2", "C-3"]
    assert {each.reason for each in decisions if not each} <= {"error"}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_many_are_no_where_it_does_not_answer(server: Any, status: int):
    server.will(server.problem(status, "too-many"))
    decisions = list(Center(server.origin, KEY, retries=1).decide_many(checks(3)))
    assert [(each.allowed, each.reason) for each in decisions] == [(False, "error")] * 3


def test_many_are_no_where_it_stops_in_the_middle(server: Any, center: Center):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + json.dumps(line(1)).encode() + b"\n"
    server.will(server.hangs(head))
    assert [each.allowed for each in center.decide_many(checks(3))] == [True, False, False]


@pytest.mark.parametrize(("status", "code"), [(401, "bad-key"), (403, "not-in-scope"), (409, "not-yet"), (422, "unknown-purpose")])
def test_a_question_that_is_refused_raises(server: Any, center: Center, status: int, code: str):
    server.will(server.problem(status, code))
    with pytest.raises(Problem, match=code):
        list(center.decide_many(checks(3)))


def test_answers_come_while_others_are_still_made(server: Any, center: Center):
    def slowly(handler: Any, asked: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n" + json.dumps(line(1)).encode() + b"\n")
        server.over.wait(0.4)
        handler.wfile.write(json.dumps(line(2)).encode() + b"\n" + json.dumps({"end": True, "count": 2, "position": 7}).encode())
        handler.close_connection = True

    server.will(slowly)
    began = time.monotonic()
    stream = center.decide_many(checks(2))
    assert next(stream)
    assert time.monotonic() - began < 0.35
    assert next(stream)
