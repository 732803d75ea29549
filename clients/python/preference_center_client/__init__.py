"""Client of a privacy and preference center: ask before you send, pass on what people say, hear of what they change."""

from __future__ import annotations

from .answers import Answer, Decision, Event, Found, Import, Member, Outcome, Prompt, ReportLine, Tied, Told
from .center import Center, Check, Evidence
from .faults import CenterError, NotGenuine, Problem, Unreachable
from .people import Person, by_email, by_id, by_pairwise, by_phone
from .streams import Changes
from .webhooks import Receiver, Seen

__all__ = [
    "Answer", "Center", "CenterError", "Changes", "Check", "Decision", "Event", "Evidence", "Found", "Import", "Member", "NotGenuine",
    "Outcome", "Person", "Problem", "Prompt", "Receiver", "ReportLine", "Seen", "Tied", "Told", "Unreachable", "by_email", "by_id",
    "by_pairwise", "by_phone",
]  # fmt: skip
__version__ = "0.1.0"
