"""What may be done with questions, with the journey, and with what people tell."""

from __future__ import annotations

from profiles.actions.answering import answer, delete_answer, delete_unused, let_go, take_back
from profiles.actions.asking import ask_again, show, turn_down
from profiles.actions.journey import happen, happen_at_brand, remove_moment, remove_stage, set_moment, set_stage
from profiles.actions.questions import (
    discard_question,
    draft_question,
    in_the_way,
    load_questions,
    publish_question,
    retire_question,
    revise_question,
)

__all__ = [
    "answer", "ask_again", "delete_answer", "delete_unused", "discard_question", "draft_question", "happen", "happen_at_brand",
    "in_the_way", "let_go", "load_questions", "publish_question", "remove_moment", "remove_stage", "retire_question",
    "revise_question", "set_moment", "set_stage", "show", "take_back", "turn_down",
]  # fmt: skip
