"""The shop's newsletter, really sent: asked of may_send() right before each mail, with the headers of RFC 8058."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.models import Customer
from brands import mail
from brands.models import Brand
from consents.may_send import channel_of_permission, may_send
from consents.models import Taste, Topic
from jobs.actions import enqueue
from jobs.handlers import Work, handler
from jobs.models import Job

AT_ONCE = 50


def send(brand: Brand, topic: Topic) -> Job:
    """One job for the whole newsletter; who gets it is asked when their turn comes."""
    return enqueue("demo.newsletter", {"brand": brand.key, "topic": topic.key}, total=brand.customers.count())


@handler("demo.newsletter")
def newsletter(work: Work) -> None:
    brand = Brand.objects.select_related("theme").get(key=work.payload["brand"])
    topic = brand.topics.get(key=work.payload["topic"])
    after, done = work.cursor.get("after", 0), work.cursor.get("done", 0)
    while batch := list(brand.customers.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        written = [customer for customer in batch if write_to(brand, topic, customer)]
        after, done = batch[-1].pk, done + len(batch)
        with work.chunk(done=done, cursor={"after": after, "done": done}):
            for customer in written:
                Taste.objects.update_or_create(customer=customer, channel="email", defaults={"last_sent_at": timezone.now()})


def write_to(brand: Brand, topic: Topic, customer: Customer) -> bool:
    """One mail, if it may be sent at this moment; whether it was."""
    customer.brand = brand
    answer = may_send(customer, topic, "email")
    if not answer.allowed:
        return False
    token = links.make(customer, links.Scope(topic.purpose, channel_of_permission(brand, topic.purpose, "email")))
    stop = f"{mail.origin(brand)}{reverse('consents:link', args=[token])}"
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    names = topic.names.get(customer.language) or next(iter(topic.names.values()))
    mail.build(brand, "newsletter", answer.address, customer.language, {"topic": names, "stop": stop}, headers=headers).send()
    return True
