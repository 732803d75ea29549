"""The product as its web server loads it, with the baselines' addresses beside its own."""

from __future__ import annotations

from django.conf import settings

from preference_center.wsgi import application

settings.ROOT_URLCONF = "benchmarks.urls"  # read with the first request

__all__ = ["application"]
