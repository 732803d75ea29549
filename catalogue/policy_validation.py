"""What must be true before a policy is published. Each problem has a code, a sentence in the editor's words, and the place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import change_validation, copy
from catalogue.markdown import paragraphs, phrases
from catalogue.models.policies import ANCHOR
from catalogue.policy_content import ClauseContent, PolicyContent, PolicyWords, numbered
from catalogue.problems import Problem
from catalogue.validation import copy_problems

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = re.compile(r"main|i-.*|policy-.*")  # ids that the page itself uses
DEEPEST = 3  # levels


def unwritable(content: PolicyContent) -> list[Problem]:
    """What keeps the content from even becoming a draft: anchors that are none, or not one clause's alone."""
    found = []
    for language, words in content.texts.items():
        for anchor, times in Counter(words.anchors()).items():
            if not SLUG.fullmatch(anchor) or len(anchor) > ANCHOR:
                message = _("“%(anchor)s” is no anchor: small letters, digits and single hyphens, at most 60.") % {"anchor": anchor}
                found.append(Problem("anchor_unclear", message, language, anchor))
            if RESERVED.fullmatch(anchor):
                message = _("“%(anchor)s” is taken by the page itself: give the clause another anchor.") % {"anchor": anchor}
                found.append(Problem("anchor_taken", message, language, anchor))
            if times > 1:
                message = _("“%(anchor)s” names more than one clause.") % {"anchor": anchor}
                found.append(Problem("anchor_twice", message, language, anchor))
        for clause in words.clauses:
            if clause.parent == clause.anchor:
                found.append(_misplaced(clause, language))
    return [*found, *change_validation.unwritable(content)]


def problems(brand: Brand, content: PolicyContent, newest: PolicyContent | None) -> list[Problem]:
    """Everything that keeps this content from being published after the newest version; empty when nothing does."""
    return [
        *_languages(brand, content),
        *(found for language in brand.languages if language in content.texts for found in _words(content.texts[language], language)),
        *_alike(brand, content),
        *_anchors(brand, content, newest),
        *change_validation.problems(brand, content, newest),
        *([Problem("nothing_changed", _("Nothing differs from what is published."))] if _same(content, newest) else []),
    ]


def _languages(brand: Brand, content: PolicyContent) -> Iterator[Problem]:
    for language in brand.languages:
        if language not in content.texts:
            yield Problem("language_missing", _("The text in “%(language)s” is missing.") % {"language": language}, language)
    for language in sorted(set(content.texts) - set(brand.languages)):
        yield Problem("language_unknown", _("The brand does not speak “%(language)s”.") % {"language": language}, language)


def _words(words: PolicyWords, language: str) -> Iterator[Problem]:
    if not words.clauses:
        yield Problem("clauses_missing", _("There is no clause."), language)
    for name, text in (("title", words.title), ("summary", words.summary)):
        yield from _said(text, language, name, _("“%(field)s” is empty.") % {"field": name})
    for clause, number in numbered(words.clauses):
        if not number:
            yield _misplaced(clause, language)
        elif number.count(".") >= DEEPEST:
            yield Problem("too_deep", _("It lies more than three levels deep."), language, clause.anchor)
        yield from _said(clause.heading, language, clause.anchor, _("The heading is empty."))
        yield from _body(clause, language)


def _misplaced(clause: ClauseContent, language: str) -> Problem:
    message = _("It must stand below “%(parent)s”, to which it belongs: the tree of clauses is broken here.")
    return Problem("tree_broken", message % {"parent": clause.parent}, language, clause.anchor)


def _body(clause: ClauseContent, language: str) -> Iterator[Problem]:
    if not paragraphs(clause.body):
        yield Problem("text_missing", _("The clause is empty."), language, clause.anchor)
    for cells in phrases(clause.body):
        for cell in cells:
            yield from _copy(cell, language, clause.anchor)


def _said(text: str, language: str, field: str, if_empty: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem("text_missing", if_empty, language, field)
    yield from _copy(text, language, field)


def _copy(text: str, language: str, field: str) -> Iterator[Problem]:
    """A policy says what people may do: "may" is no fault in it. Whoever gets data has a name in it all the same."""
    yield from copy_problems(text, language, field, purpose=False)
    if found := copy.nameless(text, language):
        message = _("“%(found)s” names nobody: give each company by its name.")
        yield Problem("recipients_nameless", message % {"found": found}, language, field)


def _alike(brand: Brand, content: PolicyContent) -> Iterator[Problem]:
    """Every language has the same clauses in the same tree and order."""
    spoken = [language for language in brand.languages if language in content.texts]
    if not spoken:
        return
    model = brand.default_language if brand.default_language in spoken else spoken[0]
    wanted = content.texts[model]
    for language in spoken:
        words = content.texts[language]
        for anchor in wanted.anchors():
            if anchor not in words.anchors():
                message = _("This clause stands in “%(language)s” and is missing here.") % {"language": model}
                yield Problem("clause_missing", message, language, anchor)
        for anchor in words.anchors():
            if anchor not in wanted.anchors():
                yield Problem("clause_extra", _("This clause is missing in “%(language)s”.") % {"language": model}, language, anchor)
        if set(words.anchors()) == set(wanted.anchors()) and words.tree() != wanted.tree():
            anchor = next(mine[0] for mine, theirs in zip(words.tree(), wanted.tree(), strict=True) if mine != theirs)
            message = _("From here on the clauses stand otherwise than in “%(language)s”.") % {"language": model}
            yield Problem("trees_differ", message, language, anchor)


def _anchors(brand: Brand, content: PolicyContent, newest: PolicyContent | None) -> Iterator[Problem]:
    """An anchor holds for ever: links lead to it, comparisons hang on it. Giving one up is said, never left to chance."""
    now = {anchor for words in content.texts.values() for anchor in words.anchors()}
    before = {anchor for words in newest.texts.values() for anchor in words.anchors()} if newest else set()
    for anchor in sorted(before - now - set(content.removed)):
        yield Problem(
            "anchor_gone", _("The clause “%(anchor)s” is gone: name it as removed, or bring it back.") % {"anchor": anchor}, "", anchor
        )
    for anchor in sorted(set(content.removed) - (before - now)):
        message = _("“%(anchor)s” is named as removed, but no clause of that name goes with this version.") % {"anchor": anchor}
        yield Problem("removed_wrongly", message, "", anchor)


def _same(content: PolicyContent, newest: PolicyContent | None) -> bool:
    return newest is not None and content.texts == newest.texts
