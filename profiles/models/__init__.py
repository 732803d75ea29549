from __future__ import annotations

from profiles.models.answers import Answer, AnswerUse, Ask, Asked
from profiles.models.figures import QuestionDay, QuestionFigures
from profiles.models.journey import Happening, Moment, Stage
from profiles.models.questions import Condition, Question, QuestionText, QuestionVersion

__all__ = [
    "Answer", "AnswerUse", "Ask", "Asked", "Condition", "Happening", "Moment", "Question", "QuestionDay", "QuestionFigures", "QuestionText",
    "QuestionVersion", "Stage",
]  # fmt: skip
