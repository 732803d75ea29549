"""Rows of a file in whatever state it comes: each line is read or says why not, and none is taken for another."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from propagation.importing.reading import Row, Unreadable, rows

HEAD = b"email,decision\n"


def table(content: bytes, delimiter: str = ",") -> list[Row]:
    return list(rows([content], "csv", delimiter))


def objects(content: bytes) -> list[Row]:
    return list(rows([content], "any", ","))


def faults(every: Iterable[Row]) -> list[tuple[int, str]]:
    return [(each.line, each.fault) for each in every]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert table(HEAD + b"a@example.com,allow\n\n\nb@example.com,deny\n") == [
        Row(2, {"email": "a@example.com", "decision": "allow"}),
        Row(5, {"email": "b@example.com", "decision": "deny"}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"a@example.com,deny\n",
        HEAD + b"a@example.com,deny",  # no end of the last line
        b"\xef\xbb\xbf" + HEAD + b"a@example.com,deny\n",
        b"email,decision\r\na@example.com,deny\r\n",
        b" email , decision \na@example.com,deny\n",
        b'"email","decision"\n"a@example.com","deny"\n',
    ],
)
def test_it_reads_what_programs_write(content: bytes) -> None:
    assert table(content) == [Row(2, {"email": "a@example.com", "decision": "deny"})]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_it_reads_the_same_in_whatever_pieces_it_comes(size: int) -> None:
    content = "\ufeffemail,decision\nzażółć@example.com,deny\r\nb@example.com,allow".encode()
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    assert list(rows(pieces, "csv", ",")) == table(content)
    assert table(content)[0].cells["email"] == "zażółć@example.com"


def test_a_value_over_several_lines_keeps_the_count() -> None:
    content = b'email,wording\na@example.com,"One\r\ntwo, ""three""\n\nfour"\nb@example.com,x\nc@example.com\n'
    first, second, third = table(content)
    assert (first.line, first.cells["wording"]) == (2, 'One\r\ntwo, "three"\n\nfour')
    assert (second.line, second.fault) == (6, "")
    assert (third.line, third.fault) == (7, "not as many cells as columns")


def test_a_quote_that_stays_open_says_how_far_it_reached() -> None:
    content = b'email,wording\na@example.com,"open\nb@example.com,"x"\nc@example.com,y\n'
    assert faults(table(content)) == [(2, "not a line of a table, up to line 3"), (4, "")]
    assert faults(table(b'email,wording\na@example.com,"open\nb@example.com,x\n')) == [(2, "not a line of a table, up to line 3")]


def test_what_stands_within_a_value_too_long_is_never_taken_for_rows() -> None:
    """Somebody who can write a long text into an earlier system could otherwise decide for others."""
    inside = b"mallory@example.com,allow\n" * 6000
    with pytest.raises(Unreadable, match=r"^a value that begins in line 2 does not end$"):
        table(HEAD + b'a@example.com,"' + inside + b'"\n')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_refused_as_a_whole(encoding: str) -> None:
    with pytest.raises(Unreadable):
        table("email,decision\na@example.com,allow\n".encode(encoding))


def test_a_line_in_another_encoding_is_refused_and_the_next_is_read() -> None:
    latin, utf = "b@example.com,zgoda é\n".encode("latin-1"), "c@example.com,zgoda é\n".encode()
    assert faults(table(HEAD + latin + utf)) == [(2, "not UTF-8"), (3, "")]
    assert faults(objects(b'{"a": "\xe9"}\n{"a": "b"}\n')) == [(1, "not UTF-8"), (2, "")]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"  \n\n"])
def test_an_empty_file_says_so(content: bytes) -> None:
    with pytest.raises(Unreadable, match="empty"):
        table(content)


def test_a_header_alone_is_no_row() -> None:
    assert table(HEAD) == []
    assert table(HEAD.rstrip()) == []


@pytest.mark.parametrize("header", [b"email,email\n", b"email,\xe9\n", b"email, email \n", b'email,"x"y\n', b"a,,\n", b"a,b\x00\n"])
def test_a_header_that_is_no_list_of_columns_is_refused(header: bytes) -> None:
    with pytest.raises(Unreadable, match="list of columns"):
        table(header + b"a@example.com,deny\n")


def test_lines_that_end_as_on_an_old_mac_are_refused() -> None:
    with pytest.raises(Unreadable, match="list of columns"):
        table(b"email,decision\ra@example.com,allow\r")


def test_a_null_byte_stays_in_its_cell() -> None:
    assert table(HEAD + b"a\x00@example.com,deny\n")[0].cells["email"] == "a\x00@example.com"


def test_a_line_of_ten_megabytes_says_which() -> None:
    pieces = [HEAD + b"a@example.com,deny\n", *[b"x" * 64 * 1024] * 160, b"\nc@example.com,deny\n"]
    with pytest.raises(Unreadable, match=r"^line 3 does not end$"):
        list(rows(pieces, "csv", ","))
    with pytest.raises(Unreadable, match=r"^line 2 does not end$"):
        list(rows([b'{"a": "b"}\n{"a": "', *pieces[1:]], "any", ","))


def test_a_value_of_some_kilobytes_is_refused_with_its_line() -> None:
    content = HEAD + b"a@example.com," + b"x" * 20_000 + b"\nb@example.com,deny\n"
    assert faults(table(content)) == [(2, "a value is too long"), (3, "")]
    assert faults(objects(b'{"a": "' + b"x" * 20_000 + b'"}\n')) == [(1, "a value is too long")]


def test_the_other_delimiter_makes_one_column() -> None:
    assert table(b"email;decision\na@example.com;deny\n", ";")[0].cells == {"email": "a@example.com", "decision": "deny"}
    assert table(b"email;decision\na@example.com;deny\n")[0].cells == {"email;decision": "a@example.com;deny"}


def test_objects_of_plain_values() -> None:
    content = b'{"email": "a@example.com", "n": 7, "yes": true, "none": null}\n\n{"email": "b@example.com"}'
    assert objects(content) == [
        Row(1, {"email": "a@example.com", "n": "7", "yes": "True", "none": ""}),
        Row(3, {"email": "b@example.com"}),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"a": {"b": 1}}', "not an object of plain values"),
        (b'{"a": ["b"]}', "not an object of plain values"),
        (b'{"a": NaN}', "not an object of plain values"),
        (b'{"a": 1e999}', "not an object of plain values"),
        (b'["a"]', "not an object of plain values"),
        (b"7", "not an object of plain values"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": "b"', "not JSON"),
        (b"{'a': 'b'}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"decision": "deny", "decision": "allow"}', "not JSON"),  # which of the two would count?
        (b'{"a": "b"} {"c": "d"}', "not JSON"),
    ],
)
def test_an_object_that_is_none_says_so_and_the_next_is_read(line: bytes, fault: str) -> None:
    assert faults(objects(b'{"a": "b"}\n' + line + b'\n{"a": "c"}\n')) == [(1, ""), (2, fault), (3, "")]


def test_a_preset_for_tables_reads_no_objects() -> None:
    assert table(b'{"a": "b"}\n{"a": "c"}\n') == [Row(2, {'{"a": "b"}': '{"a": "c"}'})]
    assert list(rows([b"email\n{}\n"], "ndjson", ","))[0].fault == "not JSON"
