from __future__ import annotations

from ledger import followers
from ledger.sequence import sequence, write_seal_file


def prove() -> int:
    """Positions and seals for what waits, the seal file, then every follower; returns how many entries got a position."""
    count = 0
    while given := sequence():
        count += given
    write_seal_file()
    followers.run_all()
    return count
