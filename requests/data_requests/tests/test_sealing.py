"""A sealed file gives back what was written and refuses everything else: a byte, a piece moved, left out, cut off, another key."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import InvalidToken

from data_requests.package.sealing import PIECE, TAG, Broken, Sealed, Sealing, opened, path_of

SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17)


def sealed(content: bytes, at_once: int = 1000) -> Sealed:
    with Sealing() as file:
        for start in range(0, len(content), at_once):
            file.write(content[start : start + at_once])
    return file.sealed


@pytest.mark.parametrize("size", SIZES)
def test_it_gives_back_what_was_written(size: int) -> None:
    content = secrets.token_bytes(size)
    found = sealed(content)
    assert b"".join(opened(found.name, found.key)) == content
    assert found.size == size


def test_nobody_else_may_read_it_and_nothing_of_it_is_in_clear() -> None:
    found = sealed(b"anna.kowalczyk@example.com " * 1000)
    path = path_of(found.name)
    assert path.stat().st_mode & 0o077 == 0
    assert b"kowalczyk" not in path.read_bytes()


def test_two_of_the_same_are_different() -> None:
    one, two = sealed(b"same"), sealed(b"same")
    assert path_of(one.name).read_bytes() != path_of(two.name).read_bytes()
    assert one.key != two.key


def pieces(path: Path) -> tuple[bytes, list[bytes]]:
    raw = path.read_bytes()
    head, rest = raw[:4], raw[4:]
    return head, [rest[start : start + PIECE + TAG] for start in range(0, len(rest), PIECE + TAG)]


def swapped(parts: list[bytes]) -> list[bytes]:
    return [parts[1], parts[0], *parts[2:]]


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[:-1],
        lambda parts: parts[1:],
        swapped,
        lambda parts: [*parts, parts[-1]],
        lambda parts: [parts[0], *parts],
        lambda parts: [*parts[:-1], parts[-1][:-1]],
        lambda parts: [bytes([parts[0][0] ^ 1]) + parts[0][1:], *parts[1:]],
    ],
    ids=["the last gone", "the first gone", "swapped", "the last twice", "the first twice", "a byte short", "a bit turned"],
)
def test_what_is_not_as_it_was_is_refused(change: Any) -> None:
    found = sealed(secrets.token_bytes(3 * PIECE + 17), 5000)
    path = path_of(found.name)
    head, parts = pieces(path)
    path.write_bytes(head + b"".join(change(parts)))
    with pytest.raises(Broken):
        b"".join(opened(found.name, found.key))


def test_what_is_no_file_of_ours_is_refused() -> None:
    found = sealed(b"x")
    path_of(found.name).write_bytes(b"PK\x03\x04 something else altogether")
    with pytest.raises(Broken):
        b"".join(opened(found.name, found.key))


def test_another_files_key_opens_nothing_and_no_key_neither() -> None:
    one, two = sealed(b"one"), sealed(b"two")
    with pytest.raises(Broken):
        b"".join(opened(one.name, two.key))
    with pytest.raises(InvalidToken):
        opened(one.name, "gAAAAA")


def test_a_file_that_went_wrong_while_it_was_written_is_not_left_behind(settings: Any) -> None:
    with pytest.raises(RuntimeError), Sealing() as file:
        file.write(b"half")
        raise RuntimeError
    assert list(Path(settings.PACKAGES_DIR).iterdir()) == []


def test_a_file_that_is_gone_says_so_before_anything_is_counted() -> None:
    found = sealed(b"x")
    path_of(found.name).unlink()
    with pytest.raises(FileNotFoundError):
        opened(found.name, found.key)
