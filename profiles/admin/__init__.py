"""Questions on the desk of the brand at hand."""

from __future__ import annotations

from typing import Any

from profiles.admin.journey import MomentAdmin, StageAdmin
from profiles.admin.questions import QuestionAdmin, QuestionVersionAdmin
from profiles.models import Moment, Question, QuestionVersion, Stage

ADMINS: tuple[tuple[type[Any], type[Any]], ...] = (
    (Question, QuestionAdmin), (QuestionVersion, QuestionVersionAdmin), (Stage, StageAdmin), (Moment, MomentAdmin),
)  # fmt: skip
