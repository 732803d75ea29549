"""A comparison as the page shows it: what changed in full, what did not folded away in runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.diff import Difference
from catalogue.diff_words import Row, Segment
from catalogue.policies import Comparison, ReadClause


@dataclass(frozen=True)
class Changed:
    """One clause, or the title and summary (`anchor` "")."""

    anchor: str
    kind: str  # changed, new or gone
    number: str
    was_number: str  # "" unless the number is another now
    heading: str
    before: tuple[SafeString, ...]  # paragraphs, with what goes marked
    after: tuple[SafeString, ...]


@dataclass(frozen=True)
class Unchanged:
    clauses: tuple[ReadClause, ...]

    @property
    def first(self) -> str:
        return self.clauses[0].number

    @property
    def last(self) -> str:
        return self.clauses[-1].number


def counted(comparison: Comparison) -> str:
    """In one sentence what changed, above the changes."""
    changed, new, gone = (comparison.count(kind) for kind in ("changed", "new", "gone"))
    said = [
        ngettext("%(n)s clause is reworded", "%(n)s clauses are reworded", changed) % {"n": changed} if changed else "",
        ngettext("%(n)s clause is new", "%(n)s clauses are new", new) % {"n": new} if new else "",
        ngettext("%(n)s clause goes", "%(n)s clauses go", gone) % {"n": gone} if gone else "",
    ]
    told = ", ".join(filter(None, said))
    return _("%(changes)s. Everything else stays the same.") % {"changes": told} if told else _("The clauses read the same in both.")


def parts(comparison: Comparison) -> list[Changed | Unchanged]:
    found: list[Changed | Unchanged] = []
    above = (comparison.title, *comparison.summary)
    if any(segment.kind != "same" for row in above for segment in row):
        found.append(Changed("", "changed", "", "", _("Title and summary"), _side(above, "del"), _side(above, "ins")))
    for same, run in groupby(comparison.clauses, key=lambda each: each.kind == "same"):
        if same:
            found.append(Unchanged(tuple(each.new for each in run if each.new)))
        else:
            found += [_changed(each) for each in run]
    return found


def passages(comparison: Comparison) -> dict[str, Changed]:
    """What differs, by the clause's anchor, and of each clause only the paragraphs that do."""
    return {part.anchor: part for each in comparison.clauses if each.kind != "same" for part in [_changed(each, whole=False)]}


def _changed(each: Difference[ReadClause], *, whole: bool = True) -> Changed:
    clause = each.new or each.old
    assert clause
    was_number = each.old.number if each.old and each.new and each.old.number != each.new.number else ""
    rows = list(each.rows)
    if each.old and each.new and each.old.heading != each.new.heading:
        rows.insert(0, each.heading)
    if not whole:
        rows = [_flowing(row) for row in rows if any(segment.kind != "same" for segment in row)]
    return Changed(clause.anchor, each.kind, clause.number, was_number, clause.heading, _side(rows, "del"), _side(rows, "ins"))


def _flowing(row: Row) -> Row:
    """A row of a table that stands alone, without its bars."""
    return tuple(replace(segment, text=segment.text.replace(" | ", " · ")) for segment in row)


def _side(rows: Iterable[Row], kind: str) -> tuple[SafeString, ...]:
    """The paragraphs of one side: before with "del", after with "ins"."""
    return tuple(_marked(segments) for row in rows if (segments := [each for each in row if each.kind in ("same", kind)]))


def _marked(segments: Iterable[Segment]) -> SafeString:
    return mark_safe("".join(_pieces(segments)))  # noqa: S308 # each piece is escaped


def _pieces(segments: Iterable[Segment]) -> Iterator[str]:
    """Colour and line are not for everybody: the words in brackets are for ears."""
    for segment in segments:
        if segment.kind == "same":
            yield conditional_escape(segment.text)
        else:
            word = _("(new:") if segment.kind == "ins" else _("(goes:")
            tag = mark_safe(segment.kind)  # noqa: S308 # ins or del
            yield format_html('<{}><span class="vh">{} </span>{}<span class="vh">)</span></{}>', tag, word, segment.text, tag)
