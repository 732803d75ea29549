"""Partners and their endpoints are set up, named anew and closed: each an entry, and twice is once."""

from __future__ import annotations

import pytest

from jobs.models import Job
from ledger.models import Entry
from propagation import actions
from propagation.actions.endpoints import UnknownEvent
from propagation.models import Endpoint, Partner
from propagation.tests.conftest import BY, Server

URL = "http://127.0.0.1:9/hooks"


def test_a_partner_that_is_named_anew_keeps_its_names_for_people(adfield: Partner) -> None:
    jobs, secret = Job.objects.count(), adfield.secret
    adfield.name = "Adfield Media"
    actions.name_partner(adfield, brand=adfield.brand, by=BY)
    assert Job.objects.count() == jobs
    assert Partner.objects.get(key="adfield").secret == secret
    assert Entry.objects.filter(kind="partner.named").latest("pk").act["name"] == "Adfield Media"


def test_an_event_that_there_is_not_is_refused(adfield: Partner) -> None:
    with pytest.raises(UnknownEvent, match="choice.unchanged"):
        actions.open_endpoint(adfield, URL, kinds=["choice.changed", "choice.unchanged"], by=BY)
    assert not Endpoint.objects.exists()


def test_one_that_is_closed_stays_closed(adfields: Server) -> None:
    endpoint = adfields[0]
    assert actions.close_endpoint(endpoint, by=BY) is True
    closed_at, entries = Endpoint.objects.values_list("closed_at", flat=True).get(), Entry.objects.count()
    assert actions.close_endpoint(endpoint, by=BY) is False
    assert Entry.objects.count() == entries
    assert Endpoint.objects.values_list("closed_at", "closed_why").get() == (closed_at, Endpoint.Closed.BY_HAND)
