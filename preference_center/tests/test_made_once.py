"""Whoever starts at once on an empty folder has the same secret, and the whole of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from preference_center.made_once import made_once

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
