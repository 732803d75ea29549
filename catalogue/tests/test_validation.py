"""Each reason why a purpose is not published: one content that has it, and nothing else wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue import actions
from catalogue.content import UseFacts
from catalogue.models import Recipient
from catalogue.problems import Problem, Refused
from catalogue.tests.conftest import EN, NEWS, PL, SEND, a_brand, publish, said, using

ADS = UseFacts(
    category="email", source="you", recipient="adfield", role="controller", country="IE", retention_days=30, retention_after="collected",
    shared=True,
)  # fmt: skip
NAMED = {
    "en": replace(EN, sentence="Adfield gets your address.", recipients="Adfield", sold="Not for money."),
    "pl": replace(PL, sentence="Adres dostaje firma Adfield.", recipients="Adfield", sold="Nie za pieniądze."),
}
SHARING = replace(NEWS, classes=("targeted_advertising",), texts=NAMED, uses=(ADS,))
CHANNELS = replace(NEWS, channels=("email", "sms"))
HINTED = {"email": "Once a month.", "sms": "Once a year."}
OWN = replace(SEND, recipient="", role="")

REFUSED = {
    "language_missing": replace(NEWS, texts={"en": EN}),
    "language_unknown": replace(NEWS, texts={**NEWS.texts, "de": EN}),
    "classes_missing": replace(NEWS, classes=()),
    "class_unknown": replace(NEWS, classes=("email_marketing", "spam")),
    "channel_unknown": replace(NEWS, channels=("email", "fax")),
    "uses_missing": replace(NEWS, uses=()),
    "hint_without_channel": replace(
        CHANNELS, texts={lang: replace(t, channel_hints={**HINTED, "post": "?"}) for lang, t in NEWS.texts.items()}
    ),
    "hint_missing": replace(CHANNELS, texts={"en": replace(EN, channel_hints=HINTED), "pl": replace(PL, channel_hints={"email": "Raz."})}),
    "first_layer_long": said(sentence="A sentence of six words again. " * 26),
    "third_party_not_in_sentence": replace(SHARING, texts={lang: replace(t, sentence="Firms.") for lang, t in NAMED.items()}),
    "recipient_not_named": said(recipients="Nobody"),
    "recipients_nameless": replace(NEWS, texts={**NEWS.texts, "en": replace(EN, recipients="Listova and our partners")}),
    "sale_denied": replace(SHARING, uses=(replace(ADS, sold=True),)),
    "sharing_denied": replace(SHARING, texts={"en": replace(NAMED["en"], sold="No."), "pl": replace(NAMED["pl"], sold="Nie")}),
    "pressure": said(if_no="You will miss out"),
    "vague": replace(NEWS, texts={**NEWS.texts, "pl": replace(PL, sentence="Możemy wysłać nowości.")}),
    "exclamation": said(title="News!"),
    "long_word": said(title="Konstantynopolitańczykowianeczka"),
    "long_sentence": said(sentence="word " * 26),
    "third_party_unmarked": using(replace(SEND, role="controller")),
    "transfer_ground_missing": using(replace(SEND, country="US")),
    "sale_class_missing": replace(SHARING, classes=("email_marketing",)),
    "sensitive_class_missing": using(replace(SEND, category="health")),
    "word_untranslated": using(replace(SEND, safeguards=("half",))),
    "consent_needed": replace(NEWS, basis="legitimate_interest"),
    "explicit_needed": replace(NEWS, classes=("sensitive_data",)),
    "no_way_to_say_no": replace(NEWS, basis="contract"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_it_is_not_published(brand, code):
    with pytest.raises(Refused) as refused:
        publish(brand, REFUSED[code])
    assert refused.value.codes == {code}
    assert all(len(problem.message) > 10 and "%(" not in problem.message for problem in refused.value.problems)


@pytest.mark.parametrize("field", ["title", "sentence", "data", "recipients", "sold", "kept", "if_no", "ground"])
def test_no_fact_may_be_empty(brand, field):
    content = replace(using(OWN), texts={**NEWS.texts, "pl": said(NEWS, **{field: "  "}).texts["pl"]})
    with pytest.raises(Refused) as refused:
        publish(brand, content)
    assert [(p.code, p.language, p.field) for p in refused.value.problems] == [("fact_missing", "pl", field)]


def test_the_sound_ones_are_published(brand):
    for key, content in {
        "news": NEWS,
        "sharing": SHARING,
        "explicit": replace(NEWS, classes=("sensitive_data",), uses=(replace(SEND, category="health"),), explicit=True),
        "post": replace(NEWS, classes=("postal_marketing",), basis="legitimate_interest"),
        "channels": replace(CHANNELS, texts={"en": replace(EN, channel_hints=HINTED), "pl": replace(PL, channel_hints=HINTED)}),
        "sold": replace(SHARING, texts={lang: replace(t, sold="Yes, Tak") for lang, t in NAMED.items()}, uses=(replace(ADS, sold=True),)),
        "abroad": using(replace(SEND, country="US", transfer_ground="GDPR Art. 46: standard clauses")),
        "contract": replace(NEWS, classes=("general",), basis="contract"),
        "own": replace(said(recipients="Nobody"), uses=(OWN,)),
    }.items():
        assert publish(brand, content, key=key).number == 1


def test_what_the_law_forbids_is_not_published(db, brand, monkeypatch):
    from regimes.resolver import Tightened

    # No class is forbidden to adults in Poland; elsewhere some are.
    monkeypatch.setattr("catalogue.law.tighten", lambda *args: Tightened("prohibited", ("us-md",)))
    with pytest.raises(Refused) as refused:
        publish(brand)
    assert refused.value.codes == {"prohibited"}


UNWRITABLE = {
    "word_unknown": using(replace(SEND, category="shoe-size")),
    "basis_unknown": replace(NEWS, basis="habit"),
    "audience_unknown": replace(NEWS, audience="dogs"),
    "pictogram_unknown": replace(NEWS, pictogram="dog"),
    "child_words_unclear": said(for_children={"youngest": {"title": "News"}}),
    "role_unclear": using(replace(SEND, role="")),
    "sold_to_nobody": using(replace(OWN, sold=True)),
}


@pytest.mark.parametrize("code", UNWRITABLE)
def test_it_does_not_even_become_a_draft(brand, code):
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(brand, key="news", content=UNWRITABLE[code])
    assert refused.value.codes == {code}
    assert not brand.purposes.exists()


@pytest.mark.parametrize("use", [replace(SEND, source="dreams"), replace(SEND, recipient="somebody"), replace(SEND, safeguards=("luck",))])
def test_a_use_is_written_in_known_words(brand, use):
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(brand, key="news", content=using(use))
    assert refused.value.codes == {"word_unknown"}


def test_words_of_another_brand_are_unknown(brand):
    other = a_brand("loom")
    Recipient.objects.filter(brand=other, key="listova").delete()
    with pytest.raises(Refused) as refused:
        actions.draft_purpose(other, key="news", content=NEWS)
    assert refused.value.codes == {"word_unknown"}


def test_every_problem_is_told_at_once(brand):
    with pytest.raises(Refused) as refused:
        publish(brand, replace(said(title="News!", ground=""), classes=("spam",)))
    assert refused.value.codes == {"exclamation", "fact_missing", "class_unknown"}


def test_a_problem_says_where():
    assert str(Problem("fact_missing", "Empty.", "pl", "title")) == "pl · title: Empty."
    assert str(Problem("uses_missing", "No uses.")) == "No uses."
