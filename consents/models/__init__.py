from consents.models.choices import Choice, Shown
from consents.models.evidence import Evidence
from consents.models.figures import ChoiceDay, PeopleDay
from consents.models.passing import Passing
from consents.models.received import Received
from consents.models.taste import Frequency, SignedOutOptOut, Taste, Topic

__all__ = ["Choice", "ChoiceDay", "Evidence", "Frequency", "Passing", "PeopleDay", "Received", "Shown", "SignedOutOptOut", "Taste", "Topic"]
