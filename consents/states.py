"""The closed lists of contracts between this product and its readers: states, reasons, ways and places of a decision."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How a party's standing word reads. Unset is not refused: it means nobody has decided."""

    UNSET = "unset"
    DEFERRED = "deferred"
    PENDING = "pending"  # said yes, and the address has not confirmed it yet
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OBJECTED = "objected"  # to a legitimate interest, GDPR Art. 21
    OPTED_OUT = "opted_out"


NO = frozenset({State.REFUSED, State.WITHDRAWN, State.OBJECTED, State.OPTED_OUT})


class Reason(StrEnum):
    """Why decide() allows or denies; the whole list."""

    UNKNOWN_PURPOSE = "unknown_purpose"
    NOT_IN_FORCE = "not_in_force"
    UNKNOWN_PERSON = "unknown_person"
    RESTRICTED = "restricted"
    PROHIBITED = "prohibited"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"
    MARKETING_STOPPED = "marketing_stopped"
    SALE_STOPPED = "sale_stopped"
    SENSITIVE_LIMITED = "sensitive_limited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    OPTED_OUT = "opted_out"
    NOT_OBJECTED = "not_objected"
    GRANTED = "granted"
    UNDECIDED = "undecided"
    DEFERRED = "deferred"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"
    GUARDIAN_MISSING = "guardian_missing"
    ERROR = "error"


class Scope(StrEnum):
    """The wide words: each binds every purpose of its classes, whatever its legal ground."""

    MARKETING = "marketing"
    SALE = "sale"
    SENSITIVE = "sensitive"


SCOPE_CLASSES: dict[Scope, frozenset[str]] = {
    Scope.MARKETING: frozenset(
        {
            "email_marketing", "sms_marketing", "phone_marketing", "postal_marketing", "automated_calls_fax",
            "sale_or_disclosure_to_third_party_for_own_marketing",
        }
    ),
    Scope.SALE: frozenset(
        {
            "sale_or_disclosure_to_third_party_for_own_marketing", "targeted_advertising", "provide_to_other_handler",
            "child_targeted_advertising", "child_tracking_targeted_ads", "child_disclosure_to_third_party_not_integral",
        }
    ),
    Scope.SENSITIVE: frozenset({"sensitive_data"}),
}  # fmt: skip
SCOPE_REASON = {
    Scope.MARKETING: Reason.MARKETING_STOPPED,
    Scope.SALE: Reason.SALE_STOPPED,
    Scope.SENSITIVE: Reason.SENSITIVE_LIMITED,
}
# The column of Customer that holds the seq of each word.
SCOPE_COLUMN = {Scope.MARKETING: "marketing_stopped_seq", Scope.SALE: "sale_stopped_seq", Scope.SENSITIVE: "sensitive_limited_seq"}


class How(StrEnum):
    BUTTON = "button"
    UNDO = "undo"
    LINK = "link"
    ONE_CLICK = "one_click"
    SIGNAL = "signal"
    PROMPT = "prompt"
    DOUBLE_OPT_IN = "double_opt_in"
    PHONE = "phone"
    PAPER = "paper"
    IMPORT = "import"
    API = "api"
    EXPIRY = "expiry"
    COMING_OF_AGE = "coming_of_age"
    RESTORE = "restore"


class Where(StrEnum):
    CHOICES = "choices"
    MAP = "map"
    CHANGE = "change"
    PROMPT = "prompt"
    MAIL = "mail"
    LINK = "link"
    FAMILY = "family"
    CHILD = "child"
    PRIVACY_CHOICES = "privacy_choices"
    DESK = "desk"
    API = "api"
    IMPORT = "import"
    JOB = "job"


class Verb(StrEnum):
    """The two answers, as the forms post them."""

    ALLOW = "allow"
    DENY = "deny"
