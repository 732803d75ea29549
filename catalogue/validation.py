"""What must be true before a purpose is published. Each problem has a code and a sentence in the editor's words.

The sources: GDPR Art. 13 and 14 (nothing mandatory empty), EDPB 05/2020 (recipients by name, no basis swapped), ux rules (who outside
the brand gets the data is said in the first sentence), and the law of the brand's country for the basis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import children, copy
from catalogue.content import Content, TextFacts, UseFacts
from catalogue.law import EEA, SALE_CLASSES, law_problems
from catalogue.models import DataCategory, PurposeVersion, Recipient, Safeguard, Source
from catalogue.models.purposes import FACTS
from catalogue.problems import Problem
from regimes.resolver import known_classes


@dataclass(frozen=True)
class Vocabulary:
    """The brand's words by key, read once for one validation."""

    categories: dict[str, DataCategory]
    sources: dict[str, Source]
    recipients: dict[str, Recipient]
    safeguards: dict[str, Safeguard]

    @classmethod
    def of(cls, brand: Brand) -> Vocabulary:
        return cls(
            categories={row.key: row for row in DataCategory.objects.filter(brand=brand)},
            sources={row.key: row for row in Source.objects.filter(brand=brand)},
            recipients={row.key: row for row in Recipient.objects.filter(brand=brand)},
            safeguards={row.key: row for row in Safeguard.objects.filter(brand=brand)},
        )


def unwritable(content: Content, words: Vocabulary) -> list[Problem]:
    """What keeps the content from even becoming a draft."""
    found = [Problem("word_unknown", _("The catalogue has no “%(key)s”.") % {"key": key}, field="uses") for key in _unknown(content, words)]
    if content.basis not in PurposeVersion.Basis.values:
        found.append(Problem("basis_unknown", _("“%(basis)s” is no legal ground.") % {"basis": content.basis}, field="basis"))
    if content.audience not in PurposeVersion.Audience.values:
        found.append(
            Problem("audience_unknown", _("“%(name)s” is nobody whom a purpose concerns.") % {"name": content.audience}, "", "audience")
        )
    if content.pictogram not in PurposeVersion.Pictogram.values:
        found.append(Problem("pictogram_unknown", _("There is no pictogram “%(name)s”.") % {"name": content.pictogram}, "", "pictogram"))
    found += children.unreadable(content)
    for use in content.uses:
        if bool(use.recipient) != bool(use.role) or use.role not in ("", *Recipient.Role.values):
            found.append(Problem("role_unclear", _("Say for each recipient, and only there, whom it works for."), field="uses"))
        if not use.recipient and (use.sold or use.shared):
            found.append(Problem("sold_to_nobody", _("Name the recipient of what is sold or shared."), field="uses"))
    return list(dict.fromkeys(found))


def _unknown(content: Content, words: Vocabulary) -> Iterator[str]:
    for use in content.uses:
        yield from {use.category} - words.categories.keys()
        yield from {use.source} - words.sources.keys()
        yield from {use.recipient} - words.recipients.keys() - {""}
        yield from sorted(set(use.safeguards) - words.safeguards.keys())


def problems(brand: Brand, content: Content, *, on: date) -> list[Problem]:
    """Everything that keeps this content from being published on that day; empty when nothing does."""
    words = Vocabulary.of(brand)
    return [
        *_frame(content),
        *_languages(brand, content),
        *(found for language in brand.languages if language in content.texts for found in _text(content, language, words)),
        *_uses(content, words),
        *_vocabulary(brand, content, words),
        *law_problems(brand, content, on),
        *children.problems(brand, content, words.recipients),
    ]


def _frame(content: Content) -> Iterator[Problem]:
    if not content.classes:
        yield Problem("classes_missing", _("Name at least one class of the law: it decides who must be asked, and from what age."))
    for each in content.classes:
        if each not in known_classes():
            yield Problem("class_unknown", _("The law we know has no class “%(name)s”.") % {"name": each})
    for each in content.channels:
        if each not in PurposeVersion.Channel.values:
            yield Problem("channel_unknown", _("“%(name)s” is no channel we know.") % {"name": each})
    if not content.uses:
        yield Problem("uses_missing", _("Say which data is used, where it comes from, who gets it and how long it is kept."))


def _languages(brand: Brand, content: Content) -> Iterator[Problem]:
    for language in brand.languages:
        if language not in content.texts:
            yield Problem("language_missing", _("The text in “%(language)s” is missing.") % {"language": language}, language)
    for language in sorted(set(content.texts) - set(brand.languages)):
        yield Problem("language_unknown", _("The brand does not speak “%(language)s”.") % {"language": language}, language)


def _text(content: Content, language: str, words: Vocabulary) -> Iterator[Problem]:
    text = content.texts[language]
    yield from _complete(content, text, language)
    yield from _recipients(content, text, language, words)
    yield from _sale(content, text, language)
    yield from _copy(text, language)


def _complete(content: Content, text: TextFacts, language: str) -> Iterator[Problem]:
    for name in ("title", "sentence", *FACTS):
        if not getattr(text, name).strip():
            yield Problem("fact_missing", _("“%(field)s” is empty.") % {"field": name}, language, name)
    for channel in text.channel_hints:
        if channel not in content.channels:
            message = _("There is a hint for “%(channel)s”, which is not a channel of this purpose.")
            yield Problem("hint_without_channel", message % {"channel": channel}, language, "channel_hints")
    hinted = {channel for each in content.texts.values() for channel, hint in each.channel_hints.items() if hint.strip()}
    for channel in sorted(hinted & set(content.channels)):
        if not text.channel_hints.get(channel, "").strip():
            message = _("The hint for “%(channel)s” is missing in this language.")
            yield Problem("hint_missing", message % {"channel": channel}, language, "channel_hints")
    if copy.word_count(f"{text.title} {text.sentence}") > copy.LONGEST_FIRST_LAYER:
        yield Problem("first_layer_long", _("Title and sentence together have more than 150 words."), language, "sentence")


def _recipients(content: Content, text: TextFacts, language: str, words: Vocabulary) -> Iterator[Problem]:
    for key in sorted({use.recipient for use in content.uses if use.recipient}):
        recipient = words.recipients[key]
        if recipient.third_party and recipient.name not in text.sentence:
            message = _("%(name)s gets data for its own ends: name it in the first sentence.")
            yield Problem("third_party_not_in_sentence", message % {"name": recipient.name}, language, "sentence")
        if recipient.name not in text.recipients:
            message = _("%(name)s gets data and is not named under “Who gets it”.")
            yield Problem("recipient_not_named", message % {"name": recipient.name}, language, "recipients")
    for name in ("sentence", "recipients"):
        if found := copy.nameless(getattr(text, name), language):
            message = _("“%(found)s” names nobody: give each company by its name.")
            yield Problem("recipients_nameless", message % {"found": found}, language, name)


def _sale(content: Content, text: TextFacts, language: str) -> Iterator[Problem]:
    if any(use.sold for use in content.uses) and copy.says_no(text.sold, language):
        yield Problem("sale_denied", _("This data is sold, and the text under “Sold” says it is not."), language, "sold")
    elif any(use.shared for use in content.uses) and copy.only_no(text.sold):
        message = _("This data is passed on for others’ own ends. A bare “No” hides that some laws call it selling or sharing.")
        yield Problem("sharing_denied", message, language, "sold")


def _copy(text: TextFacts, language: str) -> Iterator[Problem]:
    to_children = dict(text.to_children())
    for name, words in text.everything():
        yield from copy_problems(words, language, name, child=name in to_children)


def copy_problems(text: str, language: str, field: str, *, purpose: bool = True, child: bool = False) -> Iterator[Problem]:
    """What the copy linter finds in one text, in the editor's words. `child`: it speaks to a child, in shorter sentences."""
    messages = {
        "pressure": _("“%(found)s” puts pressure on the reader."),
        "vague": _("“%(found)s” leaves open whether it happens: say what you do."),
        "exclamation": _("No exclamation marks."),
        "long_word": _("“%(found)s” has more than 24 letters."),
        "long_sentence": _("This sentence has more than 25 words: “%(found)s”"),
        "child_sentence_long": _("This sentence for a child has more than 14 words: “%(found)s”"),
    }
    longest = copy.LONGEST_SENTENCE_TO_A_CHILD if child else copy.LONGEST_SENTENCE
    for fault in copy.lint(text, language, purpose=purpose, words=longest):
        code = "child_sentence_long" if child and fault.code == "long_sentence" else fault.code
        message = messages[code]
        yield Problem(code, message % {"found": fault.found} if "%" in message else message, language, field)


def _uses(content: Content, words: Vocabulary) -> Iterator[Problem]:
    for use in content.uses:
        recipient = words.recipients.get(use.recipient)
        if recipient and not recipient.third_party and use.role != Recipient.Role.PROCESSOR:
            message = _("%(name)s works for itself here, but is entered as somebody who works on our instructions.")
            yield Problem("third_party_unmarked", message % {"name": recipient.name}, field="uses")
        if use.country not in EEA and not use.transfer_ground.strip():
            message = _("%(country)s lies outside the European Economic Area: name the ground of the transfer.")
            yield Problem("transfer_ground_missing", message % {"country": use.country}, field="uses")
    if any(use.sold or use.shared for use in content.uses) and not SALE_CLASSES & set(content.classes):
        message = _("Data is sold or shared here, but no class says so: a person’s “do not sell or share” would not reach it.")
        yield Problem("sale_class_missing", message, field="classes")
    sensitive = sorted({use.category for use in content.uses if words.categories[use.category].sensitive})
    if sensitive and "sensitive_data" not in content.classes:
        message = _("%(names)s is sensitive: the class “sensitive_data” is missing.")
        yield Problem("sensitive_class_missing", message % {"names": ", ".join(sensitive)}, field="classes")


def _vocabulary(brand: Brand, content: Content, words: Vocabulary) -> Iterator[Problem]:
    """The words of the uses stand on the data map: they must be there in every language."""
    named = [each for use in content.uses for each in _named(use, words)]
    for key, language in sorted({(key, lang) for key, names in named for lang in brand.languages if not names.get(lang, "").strip()}):
        yield Problem("word_untranslated", _("“%(key)s” has no words in this language.") % {"key": key}, language, "uses")


def _named(use: UseFacts, words: Vocabulary) -> Iterator[tuple[str, dict[str, str]]]:
    yield use.category, words.categories[use.category].names
    yield use.source, words.sources[use.source].names
    if use.recipient:
        yield use.recipient, words.recipients[use.recipient].what_for
    yield from ((key, words.safeguards[key].names) for key in use.safeguards)
