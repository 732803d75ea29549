"""Enqueues so many jobs, each in its own transaction, as web processes do: `python -m preference_center.tests.counting.enqueue 500`."""

from __future__ import annotations

import sys
import time

import django
from django.db import transaction


def main(number: int, pause: float) -> None:
    django.setup()
    from jobs.actions import enqueue

    for n in range(number):
        with transaction.atomic():
            enqueue("tests.count", {"n": n})
        time.sleep(pause)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
