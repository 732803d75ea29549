"""From a press of a button to the partner's server and back to the person's page."""

from __future__ import annotations

from accounts.models import Customer
from consents.models import Passing
from consents.passed_on import by_recipient, passed_on
from consents.tests.acting import allow, deny
from propagation.models import Delivery, Pseudonym
from propagation.tests.conftest import Server, work


def test_two_partners_hear_of_a_yes_and_of_the_no(anna: Customer, adfields: Server, lumeras: Server) -> None:
    allow(anna, "ads")
    assert work() == 2
    no = deny(anna, "ads")
    assert work() == 2
    for _endpoint, server in (adfields, lumeras):
        assert [each.data["change"] for each in server.got] == ["started", "stopped"]
        stop = server.got[-1].data
        assert stop["purpose"] == "ads"
        assert stop["delete_within_days"] == 30
        assert set(stop) == {"person", "position", "purpose", "channel", "change", "delete_within_days", "confirm", "confirm_by"}
        assert server.forged == 0
    assert no.entry
    assert passed_on(anna, [no.entry.pk])[no.entry.pk].startswith("Told 2 of 2, none has confirmed yet, since ")
    assert by_recipient(anna)["adfield"].text.startswith("Told to stop on ")


def test_each_partner_has_a_number_of_its_own(anna: Customer, adfields: Server, lumeras: Server) -> None:
    allow(anna, "ads")
    work()
    (one,), (other,) = adfields[1].got, lumeras[1].got
    assert one.data["person"]["pairwise"] != other.data["person"]["pairwise"]
    assert Pseudonym.objects.get(partner=adfields[0].partner, customer=anna).value == one.data["person"]["pairwise"]
    assert anna.subject not in one.raw.decode() + other.raw.decode()


def test_who_never_had_it_does_not_hear_of_a_no(anna: Customer, adfields: Server) -> None:
    deny(anna, "ads")
    assert work() == 0
    assert not Passing.objects.exists()


def test_a_use_of_others_is_not_their_business(anna: Customer, adfields: Server) -> None:
    allow(anna, "news", "email")
    assert work() == 0
    assert not Delivery.objects.exists()
