# mypy: disable-error-code="import-not-found"
"""Audiences, changes and exports: whole, in order, each once."""

from __future__ import annotations

import gc
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from preference_center_client import Center, Problem, Unreachable, by_pairwise

PEOPLE = [f"{number:032x}" for number in range(10)]


def member(number: int) -> dict[str, Any]:
    return {"person": {"pairwise": PEOPLE[number]}, "cursor": f"c{number}"}


def end(count: int, following: str | None = None) -> dict[str, Any]:
    return {"end": True, "count": count, "next": following, "position": 7}


def query(asked: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(asked.path).query)


def codes(members: Any) -> list[str]:
    return [each.person.value for each in members]


# ── Audiences ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_reads_an_audience(server: Any, center: Center):
    server.will(server.stream(member(0), member(1), end(2)))
    members = list(center.audience("news", "email", topic="bed linen"))
    assert [each.person for each in members] == [by_pairwise(PEOPLE[0]), by_pairwise(PEOPLE[1])]
    (asked,) = server.asked
    assert urlsplit(asked.path).path == "/api/v1/audiences/news"
    assert query(asked) == {"identify": ["pairwise"], "channel": ["email"], "topic": ["bed linen"]}


def test_it_reads_page_after_page(server: Any, center: Center):
    server.will(server.stream(member(0), member(1), end(2, "c1")), server.stream(member(2), end(1, "c2")), server.stream(end(0)))
    assert codes(center.audience("news")) == PEOPLE[:3]
    assert [query(asked).get("after") for asked in server.asked] == [None, ["c1"], ["c2"]]


def test_it_goes_on_from_a_cursor(server: Any, center: Center):
    server.will(server.stream(member(5), end(1)))
    assert codes(center.audience("news", after="c4")) == [PEOPLE[5]]
    assert query(server.asked[0])["after"] == ["c4"]


def going_on(server: Any, each_time: int, **how: Any) -> Any:
    """A center that gets no further than so many people in one stream."""

    def answer(handler: Any, asked: Any) -> None:
        first = int(query(asked).get("after", ["c-1"])[0][1:]) + 1
        rest = [member(number) for number in range(first, len(PEOPLE))]
        if len(rest) > each_time:
            server.stream(*rest[:each_time], **how)(handler, asked)
        else:
            server.stream(*rest, end(len(rest)))(handler, asked)

    return answer


BREAKS = [{"breaks_off": True}, {}, {"breaks_off": True, "after": json.dumps(member(9)).encode()[:-5]}, {"after": b'{"person": {"pair'}]


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("each_time", [1, 3])
def test_it_goes_on_where_the_stream_broke_off(server: Any, center: Center, how: Any, each_time: int):
    server.will(going_on(server, each_time, **how))
    assert codes(center.audience("news")) == PEOPLE


def test_it_goes_on_after_a_silence(server: Any, center: Center):
    head = b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(member(0)).encode() + b"\n" + json.dumps(member(1)).encode()[:20]
    server.will(server.hangs(head), server.stream(member(1), end(1)))
    assert codes(center.audience("news")) == PEOPLE[:2]


def test_nobody_comes_twice_where_the_center_begins_with_the_last_again(server: Any, center: Center):
    server.will(server.stream(member(0), member(1), breaks_off=True), server.stream(member(1), member(2), end(2)))
    assert codes(center.audience("news")) == PEOPLE[:3]


def test_it_gives_up_where_it_gets_no_further(server: Any, center: Center):
    server.will(server.stream(member(0), breaks_off=True), server.stream(breaks_off=True))
    stream = center.audience("news")
    assert next(stream).cursor == "c0"
    with pytest.raises(Unreachable, match="broke off"):
        next(stream)
    assert len(server.asked) == 1 + 3  # the one that brought somebody counts too


@pytest.mark.parametrize("status", [403, 422, 500, 503])
def test_an_audience_that_is_refused_raises(server: Any, center: Center, status: int):
    server.will(server.stream(member(0), breaks_off=True), server.problem(status, "not-in-scope"))
    stream = center.audience("news")
    next(stream)
    with pytest.raises(Problem):
        next(stream)


WRONG = [
    {"person": {"pairwise": "short"}, "cursor": "c"}, {"person": {"email": "a@example.com"}, "cursor": "c"}, {"person": {}, "cursor": "c"},
    {"person": {"pairwise": PEOPLE[0], "id": "C-1"}, "cursor": "c"}, {"person": {"pairwise": PEOPLE[0]}}, {"cursor": "c"}, {"end": False},
    {"person": {"pairwise": PEOPLE[0]}, "cursor": ""}, {"person": {"pairwise": 7}, "cursor": "c"}, end(5), end(0, "c0"), {"end": True},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_line_of_the_wrong_shape_raises(server: Any, center: Center, wrong: Any):
    server.will(server.stream(wrong))
    with pytest.raises(Unreachable):
        list(center.audience("news", after="c0"))
    assert len(server.asked) == 1


def test_who_leaves_early_leaves_nothing_open(server: Any, center: Any):
    server.will(server.stream(*map(member, range(10)), end(10)))
    stream = center.audience("news")
    next(stream)
    stream.close()
    del stream
    gc.collect()  # an open socket would be a ResourceWarning, which is an error here
    assert codes(center.audience("news")) == PEOPLE


# ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def change(position: int) -> dict[str, Any]:
    data = {"position": position, "person": {"pairwise": PEOPLE[1]}, "purpose": "ads", "channel": "", "change": "stopped", "confirm": None}
    return {"type": "choice.changed", "timestamp": "2026-11-02T09:15:00.000000Z", "data": data}


def page(*positions: int, following: int, more: bool) -> dict[str, Any]:
    return {"events": [change(position) for position in positions], "next": following, "more": more}


def test_it_reads_changes_page_after_page(server: Any, center: Center):
    server.will(
        server.json(page(3, 5, following=6, more=True)),
        server.json(page(following=8, more=True)),
        server.json(page(9, following=9, more=False)),
    )
    changes = center.changes(2)
    assert [event.position for event in changes] == [3, 5, 9]
    assert [query(asked)["after"] for asked in server.asked] == [["2"], ["6"], ["8"]]
    assert changes.position == 9
    assert list(changes) == []


def test_a_position_is_passed_when_its_events_are_done(server: Any, center: Center):
    server.will(
        server.json(page(3, 5, following=6, more=True)), server.problem(500, "broken"), server.json(page(9, following=9, more=False))
    )
    changes, seen = center.changes(2), []
    for event in (next(changes), next(changes)):
        seen.append((event.position, changes.position))
    assert seen == [(3, 2), (5, 2)]
    with pytest.raises(Problem):
        next(changes)
    assert changes.position == 6
    assert [event.position for event in changes] == [9]


def test_an_event_says_what_it_is_about(server: Any, center: Center):
    server.will(server.json(page(3, following=3, more=False)))
    (event,) = center.changes(0)
    assert (event.id, event.type, event.person, event.confirm, event.data["change"]) == (
        "", "choice.changed", by_pairwise(PEOPLE[1]), "", "stopped",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {}, page(following=1, more=False), page(following=2, more=True), {"events": {}, "next": 3, "more": False},
        {"events": ["one"], "next": 3, "more": False}, {"events": [{"type": "a"}], "next": 3, "more": False}, 
        page(following=3, more=False) | {"more": 1},
        page(following=True, more=False),
    ],
)  # fmt: skip
def test_a_page_of_the_wrong_shape_raises(server: Any, center: Center, wrong: Any):
    server.will(server.json(wrong))
    with pytest.raises(Unreachable):
        list(center.changes(2))


# ── The export ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_exports_everything(server: Any, center: Center):
    server.will(server.stream({"kind": "choice"}, {"kind": "purpose", "end": "2030-01-01"}, end(2)))
    assert list(center.export()) == [{"kind": "choice"}, {"kind": "purpose", "end": "2030-01-01"}]


@pytest.mark.parametrize("lines", [[{"kind": "choice"}], [{"kind": "choice"}, end(2)], []])
def test_half_an_export_raises(server: Any, center: Center, lines: list[Any]):
    server.will(server.stream(*lines))
    with pytest.raises(Unreachable):
        list(center.export())
