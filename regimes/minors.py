"""What the law adds for minors, and from when it no longer sees one: two small tables, each line with its source.

The law data holds these rules as prose beside each regime; here they are lines that can be reviewed and tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from regimes.readings import Model

SALE = frozenset(
    {
        "sale_or_disclosure_to_third_party_for_own_marketing",
        "provide_to_other_handler",
        "child_disclosure_to_third_party_not_integral",
    }
)
TARGETED = frozenset({"targeted_advertising", "child_targeted_advertising", "child_tracking_targeted_ads"})
PROFILING = frozenset({"personalisation_profiling", "adm_legal_or_similar_effect"})
EVERY: frozenset[str] | None = None  # the rule is about whatever is done with the minor's data

# The scopes that ages in the law data name, as classes.
SCOPES: dict[str, frozenset[str]] = {"sale_or_sharing": SALE | TARGETED}


@dataclass(frozen=True)
class MinorRule:
    """`below`: the rule holds until that birthday. `classes` None: every class."""

    regime: str
    code: str  # ISO 3166-1 or 3166-2
    below: int
    classes: frozenset[str] | None
    model: Model
    effective_from: date
    source: str
    verify: bool = False  # not yet confirmed by a named person

    def speaks_of(self, classes: tuple[str, ...]) -> bool:
        return self.classes is None or not self.classes.isdisjoint(classes)


MINOR_RULES: tuple[MinorRule, ...] = (
    # Not even with a yes. Bans are written for teenagers; a younger child is never less protected, so they start at birth.
    MinorRule("us-ct-ctdpa", "US-CT", 18, SALE | TARGETED, Model.PROHIBITED, date(2026, 7, 1), "CT SB 1295 (2025)"),
    MinorRule("us-md-modpa", "US-MD", 18, SALE | TARGETED, Model.PROHIBITED, date(2025, 10, 1), "MODPA, Md. Com. Law 14-4707"),
    # Oregon's "profiling" is for decisions with legal or similar effects; ordinary personalisation is not meant.
    MinorRule(
        "us-or-ocpa",
        "US-OR",
        16,
        SALE | TARGETED | {"adm_legal_or_similar_effect"},
        Model.PROHIBITED,
        date(2026, 1, 1),
        "OR HB 2008 (2025)",
    ),
    # Sources give 17 or 18 March; the earlier protects.
    MinorRule("br-lgpd", "BR", 18, TARGETED, Model.PROHIBITED, date(2026, 3, 17), "ECA Digital (Lei 15.211/2025)"),
    # "Tracking or behavioural monitoring" reaches personalisation and measurement; the exempt services are not used.
    MinorRule(
        "in-dpdp",
        "IN",
        18,
        TARGETED | {"personalisation_profiling", "audience_measurement"},
        Model.PROHIBITED,
        date(2027, 5, 13),
        "DPDP Act 2023 s.9(3)",
    ),
    # Only with a yes, where for adults an opt-out would do. Whose yes: the age of consent decides.
    MinorRule("us-coppa", "US", 13, EVERY, Model.OPT_IN, date(2000, 4, 21), "16 CFR 312.5(a)"),
    MinorRule("in-dpdp", "IN", 18, EVERY, Model.OPT_IN, date(2027, 5, 13), "DPDP Act 2023 s.9(1)"),
    MinorRule("us-ca-ccpa", "US-CA", 16, SALE | TARGETED, Model.OPT_IN, date(2020, 1, 1), "Civ. Code 1798.120(c)"),
    MinorRule("us-co-cpa", "US-CO", 18, SALE | TARGETED | PROFILING, Model.OPT_IN, date(2025, 10, 1), "CO SB 24-041"),
    MinorRule("us-mt-mcdpa", "US-MT", 16, SALE | TARGETED, Model.OPT_IN, date(2024, 10, 1), "MCDPA (2023)"),
    MinorRule("us-mt-mcdpa", "US-MT", 18, SALE | TARGETED | PROFILING, Model.OPT_IN, date(2025, 10, 1), "MT SB 297 (2025)", verify=True),
    MinorRule("us-ct-ctdpa", "US-CT", 16, SALE | TARGETED, Model.OPT_IN, date(2023, 7, 1), "CTDPA (2022)", verify=True),
    MinorRule("us-de-dpdpa", "US-DE", 18, SALE | TARGETED, Model.OPT_IN, date(2025, 1, 1), "DPDPA (2023)"),
    MinorRule("us-nj-njdpa", "US-NJ", 17, SALE | TARGETED | PROFILING, Model.OPT_IN, date(2025, 1, 15), "NJ S332 (2024)"),
    MinorRule("us-mn-mcdpa", "US-MN", 17, SALE | TARGETED, Model.OPT_IN, date(2025, 7, 31), "MCDPA (2024)"),
    MinorRule("us-nh-nhpa", "US-NH", 16, SALE | TARGETED, Model.OPT_IN, date(2025, 1, 1), "NH SB 255 (2024)"),
    MinorRule("us-fl-fdbr", "US-FL", 18, SALE | TARGETED, Model.OPT_IN, date(2024, 7, 1), "FDBR (2023)", verify=True),
)

# Where the age in the law data is the age below which a yes is needed at all, and the minor's own yes counts earlier.
# California: below 13 the parent says it (11 CCR 7070), from 13 to 15 the minor (11 CCR 7071).
OWN_YES_FROM: dict[tuple[str, str], int] = {("US-CA", "sale_or_sharing"): 13}

ADULT_AT = 18
# Majority where it is not 18.
MAJORITY: dict[str, tuple[int, str]] = {
    "CA-BC": (19, "Age of Majority Act, RSBC 1996 c 7"),
    "CA-NB": (19, "Age of Majority Act, RSNB 2011 c 103"),
    "CA-NL": (19, "Age of Majority Act, SNL 1995 c A-4.2"),
    "CA-NS": (19, "Age of Majority Act, RSNS 1989 c 4"),
    "CA-NT": (19, "Age of Majority Act, RSNWT 1988 c A-2"),
    "CA-NU": (19, "Age of Majority Act, RSNWT (Nu) 1988 c A-2"),
    "CA-YT": (19, "Age of Majority Act, RSY 2002 c 2"),
    "KR": (19, "Civil Act Art 4"),
    "NZ": (20, "Age of Majority Act 1970 s.4"),
    "PR": (21, "Civil Code of Puerto Rico (2020) Art 97"),
    "SG": (21, "common law"),
    "TH": (20, "Civil and Commercial Code s.19"),
    "US-AL": (19, "Ala. Code 26-1-1"),
    "US-MS": (21, "Miss. Code 1-3-27"),
    "US-NE": (19, "Neb. Rev. Stat. 43-2101"),
    "US-PR": (21, "Civil Code of Puerto Rico (2020) Art 97"),
}
