"""The product's settings, and this app."""

from preference_center.settings import *  # noqa: F403, TID251
from preference_center.settings import INSTALLED_APPS  # noqa: TID251

INSTALLED_APPS = [*INSTALLED_APPS, "preference_center.tests.counting"]
