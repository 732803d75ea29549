"""A deletion whose process is killed goes on where it was. Every point, and kills at random, are in test_kill_erasure_long."""

from __future__ import annotations

from preference_center.tests.dying import Center, as_usual, center, dies_at

__all__ = ["center"]  # a fixture

POINTS = ("after erasing in the system", "after erasing here", "before certifying", "after certifying", "after a mail")


def test_killed_at_its_tenderest_points_it_happens_once(center: Center) -> None:
    usual = as_usual(center)
    for point in POINTS:
        dies_at(center, point, 1, usual)
    center.assert_nothing_is_left(len(POINTS))
    again = [address for address, count in center.mails().items() if count > 1]
    assert len(again) == 1, "the mail that was out already"
