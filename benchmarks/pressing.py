"""A customer who presses Allow and Don't allow in turn, through the action that the page calls, with all that the page sends."""

from __future__ import annotations

from accounts.models import Customer
from benchmarks.world import writer
from catalogue.published import published
from consents import actions, forms, shown
from consents.states import Verb
from ledger.models import Head
from preference_center.demo.cast import LINDEN


class Presser:
    def __init__(self, number: int, purpose: str = "recs", channel: str = "") -> None:
        self.customer = Customer.objects.select_related("brand", "person").get(brand__key=LINDEN, person__email=writer(number))
        self.purpose, self.channel = purpose, channel
        self.screen = shown.screen(self.customer.brand, published(self.customer.brand)[purpose], channel, "en")
        self.seen = Head.objects.values_list("seq", flat=True).get(pk=self.customer.subject)
        self.verb = Verb.DENY

    def __call__(self) -> None:
        self.verb = Verb.ALLOW if self.verb is Verb.DENY else Verb.DENY
        page = forms.Page(forms.new_nonce(), self.seen, self.screen.version, "en", self.screen.sha256)
        said = forms.said(self.customer.subject, page, self.purpose, self.channel, self.verb, "en")
        outcome = actions.say(self.customer, self.purpose, self.channel, self.verb, said)
        if not outcome.saved or outcome.entry is None:
            raise RuntimeError(f"the decision was not saved: {outcome.result}")
        self.seen = outcome.entry.seq
