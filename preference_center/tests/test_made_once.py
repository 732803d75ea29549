"""Whoever starts at once on an empty folder has the same secret, and the whole of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from cryptography.fernet import Fernet

from preference_center.made_once import fernet_key, made_once

AT_ONCE, ROUNDS = 8, 50


def test_whoever_is_second_reads_the_first_ones(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        path, together = tmp_path / f"{number}" / "secret", Barrier(AT_ONCE)

        def begin(path: Path = path, together: Barrier = together) -> str:
            together.wait()
            return made_once(path)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            secrets = [each.result() for each in [pool.submit(begin) for _ in range(AT_ONCE)]]
        assert len(set(secrets)) == 1
        assert len(secrets[0]) >= 50
        assert [each.name for each in path.parent.iterdir()] == ["secret"]
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_key_that_encrypts_is_one(tmp_path: Path) -> None:
    key = made_once(tmp_path / "encryption_key", fernet_key)
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"JBSWY3DP")) == b"JBSWY3DP"
    assert made_once(tmp_path / "encryption_key", fernet_key) == key
