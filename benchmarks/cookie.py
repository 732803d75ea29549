"""Prints the session cookie of a customer of the demo who has just signed in."""

from __future__ import annotations

import sys

import django

if __name__ == "__main__":
    django.setup()
    from accounts.models import Customer
    from benchmarks.browsers import session_cookie
    from preference_center.demo.cast import LINDEN, member

    anna = Customer.objects.select_related("brand", "person").get(brand__key=LINDEN, person__email=member("anna").email)
    sys.stdout.write(f"{session_cookie(anna)}\n")
