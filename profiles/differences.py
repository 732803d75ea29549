"""What a draft of a question changes, flat: see catalogue/differences.py."""

from __future__ import annotations

from dataclasses import fields

from catalogue.differences import Place, called, said
from profiles.content import Content, TextFacts
from profiles.models import Condition, QuestionText, QuestionVersion

FRAME = ("kind", "purpose", "category", "retention_days", "stage", "moments", "least", "most")


def flat(content: Content) -> dict[Place, str]:
    found = {("", called(QuestionVersion, name)): said(getattr(content, name)) for name in FRAME}
    rows = (f"{row.fact} {row.relation} {row.about} {said(row.value)}" for row in content.conditions)
    found["", str(Condition._meta.verbose_name_plural)] = "\n".join(rows)
    for language, text in sorted(content.texts.items()):
        values = {each.name: getattr(text, each.name) for each in fields(TextFacts)}
        labels = {name: [f"{key}: {label}" for key, label in values[name]] for name in ("options", "columns")}
        found |= {(language, called(QuestionText, name)): said(value) for name, value in (values | labels).items()}
    return found
