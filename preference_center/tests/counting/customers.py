"""Makes a brand with customers who have signed in, and prints who they are: `python -m preference_center.tests.counting.customers 6`."""

from __future__ import annotations

import json
import sys

import django


def main(number: int) -> None:
    django.setup()
    from django.conf import settings

    from accounts.models import Customer
    from accounts.tests.conftest import Browser
    from preference_center.tests.cast import open_brand

    linden = open_brand("linden", "shop.yaml")
    made = {}
    for n in range(number):
        browser = Browser(linden, settings.MAIL_DIR)
        browser.sign_in(f"customer{n}@example.com")
        subject = Customer.objects.get(person__email=f"customer{n}@example.com").subject
        made[subject] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
