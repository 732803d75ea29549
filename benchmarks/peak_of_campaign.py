"""A process that chooses for a campaign and sends so many mails of it, and prints the most memory it ever held meanwhile, in MB."""

from __future__ import annotations

import sys
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    from benchmarks.campaign import sink
    from benchmarks.crowd import gather
    from benchmarks.peak_of_verify import highest
    from brands.models import Brand
    from jobs.actions import run_due
    from notifications.models import Message
    from notifications.sending.loop import send_all

    people = int(sys.argv[1])
    gather(Brand.objects.get(key="linden"), people)
    settings.CELERY_BROKER_URL = ""
    with sink() as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", port, False, False
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest so far is forgotten: it was the start
        run_due()
        sent = send_all()
    assert sent >= people, (sent, Message.objects.filter(state="sent").count())
    sys.stdout.write(f"{highest():.1f}\n")
