"""The clauses of a policy as one sheet of Markdown, as editors and packs write them.

    ## Who gets it {#recipients}
    Text of the clause.
    ### Parcels {#parcels}
    Text of the clause below it.

Each heading is a clause: two to four number signs say how deep it lies, `{#…}` is the anchor that it keeps for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalogue.policy_content import ClauseContent, numbered
from catalogue.problems import Problem, Refused

HEADING = re.compile(r"(#{2,4})\s+(.+?)\s*\{#([^{}]*)\}\s*")
LOOKS_LIKE_A_HEADING = re.compile(r"#{1,6}(\s|$)")


def read(sheet: str, language: str = "") -> tuple[ClauseContent, ...]:
    """The clauses of the sheet. Raises Refused with every line that is out of place."""
    problems: list[Problem] = []
    clauses: list[tuple[str, str, str, list[str]]] = []  # anchor, heading, parent, lines
    path: list[str] = []  # anchors of the clauses above
    begun = False
    for number, line in enumerate(sheet.splitlines(), start=1):
        found = HEADING.fullmatch(line)
        if found:
            depth = len(found[1]) - 2
            if depth > len(path):
                problems.append(
                    _at(number, language, "tree_broken", _("“%(line)s” lies too deep for what stands above it.") % {"line": line})
                )
            path = path[:depth]
            clauses.append((found[3], found[2], path[-1] if path else "", []))
            path.append(found[3])
        elif LOOKS_LIKE_A_HEADING.match(line):
            message = _("“%(line)s” is no heading of a clause: it needs two to four number signs and, at its end, its {#anchor}.")
            problems.append(_at(number, language, "heading_unclear", message % {"line": line}))
            begun = True
        elif clauses:
            clauses[-1][3].append(line)
        elif line.strip() and not begun:
            problems.append(_at(number, language, "text_before_clauses", _("This text stands before the first clause.")))
    if problems:
        raise Refused(problems)
    return tuple(ClauseContent(anchor, heading, "\n".join(lines).strip(), parent) for anchor, heading, parent, lines in clauses)


def write(clauses: Iterable[ClauseContent]) -> str:
    """The sheet that `read` reads back."""
    return "\n\n".join(_parts(clauses))


def _parts(clauses: Iterable[ClauseContent]) -> Iterator[str]:
    for clause, number in numbered(clauses):
        yield f"{'#' * (2 + number.count('.'))} {clause.heading} {{#{clause.anchor}}}"
        if clause.body:
            yield clause.body


def _at(number: int, language: str, code: str, message: str) -> Problem:
    return Problem(code, message, language, _("line %(number)s") % {"number": number})
