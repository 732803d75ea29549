from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.sealed import seal, unseal
from brands import mail
from brands.models import Brand
from consents.actions import record_expiry
from consents.models import Choice
from consents.opting_in import OptIn, may_mail, offered
from consents.standing import UnknownPurpose
from consents.words import labelled
from jobs.handlers import Work, daily, handler

AT_ONCE = 200


@daily("consents.record_expiry", at_hour=1)
def record_expiries(work: Work) -> None:
    """One turn a person. decide() denies from the instant of expiry: nothing waits for this."""
    after, done = work.cursor.get("after", 0), work.cursor.get("done", 0)
    run_out = Choice.objects.run_out(work.now).select_related("customer__brand").order_by("pk")
    while batch := list(run_out.filter(pk__gt=after)[:AT_ONCE]):
        for choice in batch:
            after, done = choice.pk, done + 1
            with work.chunk(done=done, cursor={"after": after, "done": done}):
                record_expiry(choice)


@handler("consents.send_opt_in")
def send_opt_in(work: Work) -> None:
    """The one mail that asks whether a yes on a page of the brand's was theirs. What it was about may be over by now: then none."""
    wanted = OptIn(**unseal(work.payload["sealed"]))
    brand = Brand.objects.select_related("theme").get(key=wanted.brand)
    try:
        texts = offered(brand, wanted).for_language(wanted.language) if may_mail(brand, wanted) else None
    except UnknownPurpose:
        texts = None
    if texts is None:
        work.finish_and_forget()
        return
    url = f"{mail.origin(brand)}{reverse('consents:opt_in', args=[seal(wanted.__dict__)])}"
    context = {"what": labelled(texts.title, wanted.channel), "url": url, "days": settings.DOUBLE_OPT_IN_VALID.days}
    mail.build(brand, "opt_in", wanted.address, wanted.language, context).send()
    work.finish_and_forget()
