"""The copy linter: what a text about somebody's data must not say, in English and Polish.

No pressure, no guilt, no vagueness ("may", "partners"), no exclamation marks, short sentences, short words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_WORD = 24  # letters
LONGEST_SENTENCE = 25  # words
LONGEST_SENTENCE_TO_A_CHILD = 14
LONGEST_FIRST_LAYER = 150  # words of title and sentence together

PRESSURE = {
    "en": (
        "are you sure", "you will miss", "you'll miss", "sorry to see you go", "please reconsider", "improve your experience",
        "enhance your experience", "don't miss", "before it is too late",
    ),
    "pl": (
        "czy na pewno", "na pewno chcesz", "ominie cię", "ominą cię", "stracisz", "przykro nam, że odchodzisz", "szkoda, że odchodzisz",
        "przemyśl to", "prosimy o ponowne", "nie przegap", "lepsze doświadczenia", "poprawić twoje doświadczenia",
        "ulepszyć twoje doświadczenia", "poprawy twoich doświadczeń",
    ),
}  # fmt: skip
# Only in what a purpose does: there "may" hides whether it happens. "May" with a capital is a month unless it opens the sentence.
VAGUE = {
    "en": re.compile(r"\b(?:may|might|could potentially|from time to time)\b|(?:^|[.?] )(?:May|Might) (?!\d)"),
    "pl": re.compile(r"\b(?:może|mogą|możemy|mógłby|mogłaby|mogłyby|mogliby|moglibyśmy|ewentualnie|od czasu do czasu)\b", re.IGNORECASE),
}
NAMELESS = {
    "en": re.compile(r"\b(?:partners|third parties|affiliates|(?:selected|trusted) companies)\b", re.IGNORECASE),
    "pl": re.compile(r"\b(?:partner(?:zy|ów|om|ami)|podmiot(?:y|om|ów) trzeci(?:e|m|ch)|wybran(?:e firmy|ym firmom))\b", re.IGNORECASE),
}
DENIALS = {
    "en": re.compile(r"^\W*(?:no|not|none|never|nobody|nothing)\b|\b(?:not|never) (?:sold|sell)\b|\bdon[’']t sell\b", re.IGNORECASE),
    "pl": re.compile(r"^\W*(?:nie|nigdy|nikomu|nic)\b|\b(?:nie sprzedaj|nikomu nie|nigdy nie sprzeda)", re.IGNORECASE),
}
SENTENCE_END = re.compile(r"[.?!…](?=\s|$)|\n+")
WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")


@dataclass(frozen=True)
class Fault:
    code: str  # pressure, vague, exclamation, long_word, long_sentence
    found: str


def lint(text: str, language: str, *, purpose: bool = True, words: int = LONGEST_SENTENCE) -> list[Fault]:
    """Every fault of the text, none twice. `purpose`: it says what is done with data, so vague verbs are faults too."""
    return list(dict.fromkeys([*_pressure(text, language), *_marks_and_lengths(text, words), *_vague(text, language, purpose)]))


def nameless(text: str, language: str) -> str:
    """The word that stands where a name belongs ("partners"), or ""."""
    pattern = NAMELESS.get(_base(language))
    found = pattern.search(text) if pattern else None
    return found[0] if found else ""


def says_no(text: str, language: str) -> bool:
    """Whether a text about sale opens with a no, or denies the sale outright."""
    pattern = DENIALS.get(_base(language))
    return bool(pattern and pattern.search(text))


def only_no(text: str) -> bool:
    """A bare "No": too little where data is passed on for somebody's own ends without money."""
    return bool(re.fullmatch(r"\W*(?:no|nie|never|nigdy)\W*", text, re.IGNORECASE))


def word_count(text: str) -> int:
    return len(WORD.findall(text))


def _base(language: str) -> str:
    return language.split("-")[0]


def _pressure(text: str, language: str) -> list[Fault]:
    plain = text.lower().replace("’", "'")
    return [Fault("pressure", phrase) for phrase in PRESSURE.get(_base(language), ()) if phrase in plain]


def _marks_and_lengths(text: str, words: int) -> list[Fault]:
    faults = [Fault("exclamation", "!")] if "!" in text else []
    faults += [Fault("long_word", word) for word in WORD.findall(text) if sum(map(str.isalpha, word)) > LONGEST_WORD]
    return faults + [Fault("long_sentence", sentence.strip()) for sentence in SENTENCE_END.split(text) if word_count(sentence) > words]


def _vague(text: str, language: str, purpose: bool) -> list[Fault]:
    pattern = VAGUE.get(_base(language)) if purpose else None
    return [Fault("vague", found[0].strip(". ?")) for found in pattern.finditer(text)] if pattern else []
