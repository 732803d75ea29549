"""The form of one question. What is an answer is judged by profiles/kinds.py; here it only gets its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from profiles.kinds import Kind, Value, WrongAnswer, parse
from profiles.published import PublishedQuestion


class AnswerForm(forms.Form):
    """`given`: what was posted, None for a form that is only shown; `standing`: the answer that stands. Valid, it has a `value`."""

    value: Value

    def __init__(self, question: PublishedQuestion, language: str, given: QueryDict | None = None, standing: Value | None = None) -> None:
        super().__init__(given, auto_id=f"{question.key}-%s")
        self.question = question
        self.words = question.words(language)
        self.title = question.for_language(language).title
        for name, field in self._fields():
            self.fields[name] = field
        self.initial = dict(_initial(standing or {}))

    def _fields(self) -> Iterator[tuple[str, forms.Field]]:
        shape = self.question.shape
        if shape.kind == Kind.SIZE_TABLE:
            for row in shape.options:
                for column in shape.columns:
                    yield f"answer-{row}-{column}", _line(f"{self.words.options[row]}, {self.words.columns[column]}", NUMBER)
        elif shape.kind == Kind.CHOICE:
            yield "answer", forms.ChoiceField(label=self.title, choices=self._choices(), widget=forms.RadioSelect, required=False)
        elif shape.kind == Kind.SEVERAL:
            some = forms.MultipleChoiceField(label=self.title, choices=self._choices(), widget=forms.CheckboxSelectMultiple, required=False)
            yield "answer", some
        else:
            yield "answer", _line(self.title, {Kind.NUMBER: NUMBER, Kind.DATE: {"type": "date"}}.get(Kind(shape.kind), {}))

    def _choices(self) -> list[tuple[str, str]]:
        return [(key, self.words.options[key]) for key in self.question.shape.options]

    def clean(self) -> dict[str, Any]:
        """Everything at once: fields alone do not know what an answer is."""
        self._errors = forms.utils.ErrorDict()
        data = self.data
        given = {name: data.getlist(name) if isinstance(data, QueryDict) else [] for name in self.fields}
        try:
            self.value = parse(self.question.shape, given)
        except WrongAnswer as wrong:
            self.add_error(wrong.place if wrong.place in self.fields else next(iter(self.fields)), str(wrong))
        return {}

    def table(self) -> list[tuple[str, list[Any]]]:
        """Of a table of sizes: each row's label and its fields."""
        shape = self.question.shape
        return [(self.words.options[row], [self[f"answer-{row}-{column}"] for column in shape.columns]) for row in shape.options]

    @property
    def columns(self) -> list[str]:
        unit = f" ({self.words.unit})" if self.words.unit else ""
        return [self.words.columns[column] + unit for column in self.question.shape.columns]

    @property
    def hint(self) -> str:
        """What a number may be."""
        shape = self.question.shape
        if shape.kind not in {Kind.NUMBER, Kind.SIZE_TABLE} or shape.most is None:
            return self.words.unit if shape.kind == Kind.NUMBER else ""
        said = _("From %(least)d to %(most)d") % {"least": shape.floor, "most": shape.most}
        return f"{said} {self.words.unit}".strip()


NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


def _line(label: str, attrs: Mapping[str, str]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}))


def _initial(value: Value) -> Iterator[tuple[str, Any]]:
    for name, held in value.items():
        if name != "sizes":
            yield "answer", held
            continue
        for row, cells in held.items():
            for column, number in cells.items():
                yield f"answer-{row}-{column}", number
