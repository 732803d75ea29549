"""A purpose never grows: each dimension widened is refused, narrowed or equal it passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalogue.content import Content, UseFacts
from catalogue.growth import exchanged, growth
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, SEND, publish, using

HOME = "PL"
TO_ADFIELD = UseFacts(
    category="email", source="you", recipient="adfield", role="joint", country="IE", retention_days=30, retention_after="year_end",
    safeguards=("locked",),
)  # fmt: skip
OLD = Content(
    basis="legitimate_interest", classes=("general", "targeted_advertising"), channels=("email", "sms"), lifetime_months=12, explicit=True,
    audience="adults", texts=NEWS.texts, uses=(TO_ADFIELD, SEND),
)  # fmt: skip


def with_use(**changes: Any) -> Content:
    return replace(OLD, uses=(replace(TO_ADFIELD, **changes), SEND))


WIDER = {
    "grew_classes": replace(OLD, classes=(*OLD.classes, "email_marketing")),
    "grew_channels": replace(OLD, channels=(*OLD.channels, "post")),
    "grew_basis": replace(OLD, basis="contract"),
    "grew_explicit": replace(OLD, explicit=False),
    "grew_benefit": replace(OLD, conditional_benefit=True),
    "grew_lifetime": replace(OLD, lifetime_months=24),
    "grew_audience": replace(OLD, audience="everybody"),
    "grew_data": with_use(category="name"),
    "grew_source": with_use(source="visits"),
    "grew_recipient": with_use(recipient="lumera"),
    "grew_role": with_use(role="controller"),
    "grew_sold": with_use(sold=True),
    "grew_shared": with_use(shared=True),
    "grew_country": with_use(country="US"),
    "grew_retention": with_use(retention_days=31),
    "grew_safeguards": with_use(safeguards=()),
}
ALSO_WIDER = [
    ("grew_lifetime", replace(OLD, lifetime_months=None)),
    ("grew_audience", replace(OLD, audience="children")),
    ("grew_channels", replace(OLD, channels=())),
    ("grew_basis", replace(OLD, basis="opt_out")),
    ("grew_retention", with_use(retention_days=1, retention_after="stopped")),
    ("grew_data", replace(OLD, uses=(*OLD.uses, replace(SEND, category="name", recipient="", role="")))),
    ("grew_recipient", replace(OLD, uses=(*OLD.uses, replace(SEND, recipient="pisarz")))),  # beside the old one: no exchange
]
NARROWER = {
    "the same": OLD,
    "fewer classes": replace(OLD, classes=("general",)),
    "fewer channels": replace(OLD, channels=("sms",)),
    "asks for consent": replace(OLD, basis="consent"),
    "a yes stands for less long": replace(OLD, lifetime_months=6),
    "fewer uses": replace(OLD, uses=(SEND,)),
    "nobody else any more": with_use(recipient="", role=""),
    "a recipient on our instructions": with_use(role="processor"),
    "comes home": with_use(country="PL"),
    "kept for less long": with_use(retention_days=29),
    "kept from an earlier start": with_use(retention_after="collected"),
    "one more protection": with_use(safeguards=("locked", "scrambled")),
    "another pictogram": replace(OLD, pictogram="eye"),
    "another processor": replace(OLD, uses=(TO_ADFIELD, replace(SEND, recipient="pisarz"))),
}


@pytest.mark.parametrize(("code", "new"), [*WIDER.items(), *ALSO_WIDER])
def test_wider_is_refused_with_its_dimension(code, new):
    assert [found for found, _what in growth(OLD, new, HOME)] == [code]


@pytest.mark.parametrize(
    ("old", "new", "grows"),
    [
        ("everybody", "adults", False), ("everybody", "children", False), ("children", "children", False),
        ("adults", "everybody", True), ("adults", "children", True), ("children", "everybody", True), ("children", "adults", True),
    ],
)  # fmt: skip
def test_further_people_are_growth_and_fewer_are_not(old, new, grows):
    found = growth(replace(OLD, audience=old), replace(OLD, audience=new), HOME)
    assert found == ([("grew_audience", f"{old} → {new}")] if grows else [])


@pytest.mark.parametrize("what", NARROWER)
def test_narrower_or_equal_passes(what):
    assert growth(OLD, NARROWER[what], HOME) == []


def test_opting_out_or_selling_where_it_was_so_before_is_no_growth():
    sold = with_use(sold=True, shared=True)
    assert growth(sold, sold, HOME) == []
    assert growth(sold, OLD, HOME) == []


@pytest.mark.parametrize(
    "change",
    [{"role": "controller"}, {"retention_days": 31}, {"country": "US"}, {"safeguards": ()}, {"shared": True}, {"category": "name"}],
)
def test_a_new_processor_that_does_more_is_no_exchange(change):
    new = using(replace(SEND, recipient="pisarz", **change))
    assert exchanged(NEWS, new, HOME) == []
    assert growth(NEWS, new, HOME)


def test_one_processor_is_exchanged_for_one_only():
    new = using(replace(SEND, recipient="pisarz"), replace(SEND, recipient="skryba"))
    assert exchanged(NEWS, new, HOME) == [("listova", "pisarz")]
    assert [code for code, _what in growth(NEWS, new, HOME)] == ["grew_recipient"]


def test_one_that_is_more_than_a_processor_somewhere_is_never_exchanged():
    old = using(SEND, replace(SEND, category="name", role="joint"))
    assert exchanged(old, using(replace(SEND, recipient="pisarz")), HOME) == []


def test_publishing_it_is_refused_and_says_what_to_do(brand, news):
    with pytest.raises(Refused) as refused:
        publish(brand, using(replace(SEND, retention_days=31)))
    assert refused.value.codes == {"grew_retention"}
    assert "email: listova" in str(refused.value)
    assert "a purpose of its own that names “news” as its parent" in str(refused.value)
    assert news.purpose.newest == news


@pytest.mark.parametrize("code", WIDER)
def test_each_dimension_has_words(brand, code):
    from catalogue.growth import problems

    [problem] = problems(OLD, WIDER[code], parent="news", home=HOME)
    assert problem.code == code
    assert len(problem.message) > 80
