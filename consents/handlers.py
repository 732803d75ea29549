from __future__ import annotations

from django.utils import timezone, translation

from accounts.models import Contact
from brands import mail
from consents.actions import record_expiry
from consents.models import Choice, Received
from consents.naming import register_names
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


@handler("consents.tell_of_received")
def tell_of_received(work: Work) -> None:
    """To every proven address, in the customer's language. Somebody without one sees it on their overview, and stays untold here."""
    received = Received.objects.select_related("customer__brand__theme").filter(pk=work.payload["received"], told_at=None).first()
    if received is None:
        return
    customer, brand = received.customer, received.customer.brand
    proven = list(customer.contacts.proven().filter(channel=Contact.Channel.EMAIL))
    with translation.override(customer.language):
        names = register_names(brand)
        data = [names.category(key) for key in received.categories]
        context = {"source": names.source(received.source), "data": data, "received_on": received.received_on}
    for contact in proven:
        mail_id = f"received-{received.pk}-{contact.pk}@{brand.host}"
        mail.build(brand, "data_received", contact.address, customer.language, context, message_id=mail_id).send()
    with work.finishing():
        if proven:
            Received.objects.filter(pk=received.pk).update(told_at=timezone.now())
