"""What the style guide shows: every part of templates/parts/ in each of its states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator

from brands.flash import Notice, Undo


class EveryField(forms.Form):
    """One of each kind of field."""

    email = forms.EmailField(label="Email address", help_text="We send a code there")
    name = forms.CharField(label="Name", required=False)
    message = forms.CharField(label="Message", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    country = forms.ChoiceField(label="Country", choices=[("PL", "Poland"), ("IE", "Ireland")], required=False)
    topics = forms.MultipleChoiceField(
        label="Topics", choices=[("linen", "Bed linen"), ("rugs", "Rugs")], widget=forms.CheckboxSelectMultiple, required=False
    )
    often = forms.ChoiceField(
        label="How often", choices=[("all", "As it happens"), ("monthly", "Monthly digest")], widget=forms.RadioSelect
    )
    said = forms.BooleanField(label="I have read this", help_text="An ordinary box, never a consent")


def _decide(label: str, state: str) -> dict[str, Any]:
    return {"action": "#s-decide", "label": label, "labelled_by": f"d-{state}", "state": state, "hidden": [("nonce", "0")]}


NOTICES = (
    Notice("good", "Saved. News by text message has stopped.", "It takes effect now.", Undo(url="/", receipt="0"), "/styleguide/"),
    Notice("wait", "We could not reach Listova", "Your choice is saved with us and holds. We try again every hour."),
    Notice("bad", "That did not work", "Nothing was changed."),
    Notice("", "Our privacy policy changes on 15 December"),
)


def everything() -> dict[str, Any]:
    entry = {"recorded_at": datetime(2026, 11, 23, 13, 2, tzinfo=UTC), "receipt_url": "#s-receipt", "change_url": "#s-choice"}
    return {
        "decisions": [
            (_decide("Not decided", "open"), {"text": "Not decided: we treat it as “Don’t allow”.", "open": True}),
            (_decide("Allowed", "allow"), {"text": "Allowed on 3 February 2026.", "receipt_url": "#s-receipt", "label": "Allowed"}),
            (_decide("Not allowed", "deny"), {"text": "Stopped today, 14:02.", "receipt_url": "#s-receipt", "label": "Not allowed"}),
        ],
        "facts": [
            ("Data", "Orders, saved items"),
            ("Who gets it", "Nobody outside the shop"),
            ("Sold", "No"),
            ("Kept", "24 months after each order, then deleted"),
            ("If you say no", "You see the same shop as everyone else"),
            ("Legal ground", "Your consent"),
        ],
        "notices": NOTICES,
        "rows": [
            {"title": "Our privacy policy changes", "text": "Three changes.", "url": "#s-change", "action": "See what changes"},
            {"title": "Stop all marketing", "text": "Every channel, in one step.", "post": "#s-rows", "action": "Stop"},
            {"title": "Invoices", "text": "The tax law makes us keep them for five years.", "tag": "Required by law"},
        ],
        "views": [{"url": "#s-views", "label": "All", "current": True}, {"url": "#s-views", "label": "Choices"}],
        "entries": [
            {"title": "You stopped news by text message", "detail": "In this privacy center", **entry},
            {"title": "You asked for a copy of your data", "detail": "Due by 16 December", **entry},
        ],
        "page": Paginator(range(30), 10).page(2),
        "empty": EveryField(prefix="empty"),
        "wrong": EveryField({"wrong-email": "anna@"}, prefix="wrong"),
    }
