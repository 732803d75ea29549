"""From a row to what somebody decided: what is not understood is refused, and the reason repeats no value of the row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from brands.models import Brand
from consents.states import Verb
from propagation.importing.mapping import Decided, Reader, Refused, Setting
from propagation.importing.presets import preset
from propagation.importing.reading import Row
from propagation.importing.running import offered
from propagation.tests.files import LONG_AGO, Line, no, yes

pytestmark = pytest.mark.django_db
CANARY = "canary"


def decided(brand: Brand, line: Line, key: str = "plain", **setting: str) -> list[Decided]:
    reader = Reader(preset(key), Setting(**setting), offered(brand), "a" * 64)
    found = list(reader.decisions(Row(2, line)))
    if refusals := [each for each in found if isinstance(each, Refused)]:
        raise refusals[0]
    return [each for each in found if isinstance(each, Decided)]


def refused(brand: Brand, line: Line, key: str = "plain", **setting: str) -> str:
    with pytest.raises(Refused) as found:
        decided(brand, line, key, **setting)
    return str(found.value)


def moment(brand: Brand, text: str) -> datetime | None:
    return decided(brand, yes("a@example.com", time=text))[0].elsewhere.occurred_at


def test_a_line_of_our_own_form(linden: Brand) -> None:
    (found,) = decided(linden, yes(" Anna.K@Example.COM ", "news", channel="sms", language="pl"))
    assert (found.line, found.name, found.address) == (2, ("email", "anna.k@example.com"), "Anna.K@Example.COM")
    assert (found.purpose.key, found.channel, found.verb, found.language) == ("news", "sms", Verb.ALLOW, "pl")
    assert found.elsewhere.occurred_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert (found.elsewhere.missing, found.elsewhere.evidence) == ([], "a" * 64)


TIMES = {
    "2026-01-05T10:00:00Z": 10, "2026-01-05 10:00:00+02:00": 8, "2026-01-05T10:00-0530": 15, "  2026-01-05T10:00:00.123456Z ": 10,
}  # fmt: skip


def test_times_with_their_zone(linden: Brand) -> None:
    for text, hour in TIMES.items():
        found = moment(linden, text)
        assert found is not None
        assert (found.date().isoformat(), found.hour, found.utcoffset()) == ("2026-01-05", hour, timedelta(0))


NO_TIMES = [
    "2026-01-05T10:00:00", "2026-01-05", "-0044-03-15T12:00:00Z", "-2026-01-05T10:00:00Z", "1900-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-02-30T10:00:00Z", "2025-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-05T24:61:00Z",
    "05/01/2026 10:00", "45662.41", "1767607200", "now", "2026-01-05T10:00:00+99:99", "\x00", "=NOW()",
]  # fmt: skip


def test_times_that_are_none(linden: Brand) -> None:
    for text in NO_TIMES:
        assert refused(linden, yes("a@example.com", time=text)) == "the time is none, or lacks its zone"


def test_a_time_to_come_is_refused_and_a_clock_that_is_ahead_is_not(linden: Brand) -> None:
    now = timezone.now()
    for ahead in (timedelta(days=1), timedelta(minutes=3), timedelta(days=40_000)):
        assert refused(linden, yes("a@example.com", time=(now + ahead).isoformat())) == "the time lies in the future"
    assert moment(linden, (now + timedelta(minutes=1)).isoformat())


def test_a_time_without_its_zone_counts_where_the_preset_says_which(linden: Brand) -> None:
    line = {"Email Address": "a@example.com", "OPTIN_TIME": "2026-01-05 10:00:00", "UNSUB_TIME": "2026-02-05 10:00:00"}
    setting = {"purpose": "news", "status": "subscribed"}
    assert decided(linden, line, "mailchimp", **setting)[0].elsewhere.occurred_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    setting["status"] = "unsubscribed"
    assert decided(linden, line, "mailchimp", **setting)[0].elsewhere.occurred_at == datetime(2026, 2, 5, 10, tzinfo=UTC)
    assert refused(linden, line | {"UNSUB_TIME": "2026-02-05T10:00:00Z"}, "mailchimp", **setting).startswith("the time")
    away = {"EmailAddress": "a@example.com", "Status": "Unsubscribed", "DateUnsubscribed": "2026-01-05 10:00:00"}
    (found,) = decided(linden, away, "salesforce_marketing_cloud", purpose="news")
    assert found.elsewhere.occurred_at == datetime(2026, 1, 5, 16, tzinfo=UTC)


FORMULAS = ["=1+1", "@SUM(A1)", "+1", "-1", "=cmd|' /C calc'!A0", ' \t=HYPERLINK("x")']


def test_formulas_are_refused(linden: Brand) -> None:
    for formula in FORMULAS:
        assert refused(linden, no("", id=formula)) == "the id is none"
        assert refused(linden, no("", id=f" '{formula}")) == "the id is none"
        assert refused(linden, yes("a@example.com", wording=formula)) == "the wording is none"
        assert refused(linden, yes("a@example.com", source=formula)) == "the source is none"


NO_ADDRESSES = ["=cmd|'/C calc'!A0@example.com", "@example.com", "a@b", "a b@example.com", "a\x00@example.com", "\ud800@example.com"]


def test_addresses_that_are_none(linden: Brand) -> None:
    for email in NO_ADDRESSES:
        assert refused(linden, no(email)) == "the email is none"


def test_an_address_longer_than_its_mailbox_is_refused(linden: Brand) -> None:
    """What IDNA leaves out could make it as long as one likes."""
    assert refused(linden, no("x@exam" + "\ufe0f" * 600 + "ple.com")) == "the email is none"


NO_WORDINGS = ["x\x00", "\ud800", "x" * 5001, "𝒳" * 4000, "\x01" * 2500 + "x"]


def test_wordings_that_cannot_be_shown_again_are_refused(linden: Brand) -> None:
    for value in NO_WORDINGS:
        assert refused(linden, yes("a@example.com", wording=value)).startswith("the wording is")
        assert refused(linden, yes("a@example.com", source=value)).startswith("the source is")


def test_the_longest_wording_that_counts(linden: Brand) -> None:
    (found,) = decided(linden, yes("a@example.com", wording="ż" * 5000, source="ż" * 200))
    assert not found.elsewhere.missing


def test_the_first_name_of_the_line_counts_and_an_apostrophe_is_none(linden: Brand) -> None:
    names = {"id": "'C-1", "phone": "'+48 600 100 100"}
    assert decided(linden, no("a@example.com", **names))[0].name == ("id", "C-1")
    assert decided(linden, no("", phone=names["phone"]))[0].name == ("phone", "+48600100100")
    assert refused(linden, no(" ' ")) == "nobody is named"


NO_NUMBERS = ["600 100 100", "+0600100100", "+48", "tel:+48600100100", "+48600100100;ext=1"]


def test_a_phone_number_without_its_country_is_refused(linden: Brand) -> None:
    for phone in NO_NUMBERS:
        assert refused(linden, no("", phone=phone)) == "the phone is none"


def test_ids_are_as_long_as_they_are_kept(linden: Brand) -> None:
    assert decided(linden, no("", id="x" * 120))[0].name == ("id", "x" * 120)
    for value in ("x" * 121, "a\x00b", "a\nb", "a\u202eb"):
        assert refused(linden, no("", id=value)) == "the id is none"


def test_words_that_say_neither(linden: Brand) -> None:
    assert refused(linden, yes("a@example.com", decision="maybe")) == "column decision says neither yes nor no"
    assert refused(linden, {"email": "a@example.com"}) == "there is no column decision"
    assert decided(linden, yes("a@example.com", decision=" ")) == []
    assert [decided(linden, yes("a@example.com", decision=word))[0].verb for word in (" ALLOW ", "Granted", "Objected")] == [
        Verb.ALLOW, Verb.ALLOW, Verb.DENY,
    ]  # fmt: skip


NOT_OFFERED = [("nothing", ""), ("", ""), ("news", ""), ("news", "push"), ("news", "fax"), ("ads", "fax"), ("=news", "email")]


def test_purposes_and_channels_that_are_not_offered(linden: Brand) -> None:
    for purpose, channel in NOT_OFFERED:
        assert refused(linden, no("a@example.com", purpose, channel=channel)) == "there is no such purpose, or not on that channel"


def test_a_use_without_channels_takes_the_word_of_any(linden: Brand) -> None:
    assert decided(linden, no("a@example.com", "ads", channel="email"))[0].channel == ""


def test_an_import_about_one_purpose_takes_lines_about_no_other(linden: Brand) -> None:
    """The key of a partner for one purpose opens no second one by what stands in the file."""
    assert decided(linden, no("a@example.com", "ads"), purpose="ads")
    assert refused(linden, no("a@example.com", "recs"), purpose="ads") == "not about the purpose that the import is about"


def test_languages(linden: Brand) -> None:
    assert decided(linden, no("a@example.com"), language="pl")[0].language == "pl"
    assert decided(linden, no("a@example.com", language="en"), language="pl")[0].language == "en"
    for language in ("EN", "english", "p", "pl_PL", "=pl"):
        assert refused(linden, no("a@example.com", language=language)) == "the language is none"


def test_every_reason_is_a_sentence_without_the_value(linden: Brand) -> None:
    for column in ("id", "email", "time", "decision", "purpose", "channel", "language", "wording", "source"):
        line = yes("a@example.com") | {column: f"={CANARY}\x00"}
        with pytest.raises(Refused) as found:
            decided(linden, line)
        assert CANARY not in str(found.value)
    reader = Reader(preset("plain"), Setting(), offered(linden), "a" * 64)
    (unread,) = reader.decisions(replace(Row(2, yes("a@example.com", time=LONG_AGO)), fault="not UTF-8"))
    assert str(unread) == "not UTF-8"
