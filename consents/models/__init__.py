from consents.models.choices import Choice, Shown
from consents.models.taste import Frequency, SignedOutOptOut, Taste, Topic

__all__ = ["Choice", "Frequency", "Shown", "SignedOutOptOut", "Taste", "Topic"]
