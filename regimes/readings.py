"""How we read the law's words: every consent model that occurs in the law data, class by class, to one of five models.

The data speaks in phrases ("opt_in_or_soft_opt_in"); a program needs one answer. This table is that step, written out so
that a lawyer can review it line by line. A phrase without a line here stops the loading of the law (actions.load).

Two rules of reading:
* in doubt the strictest meaning holds, and a comment says what the doubt was;
* options the law gives the brand but the product does not use are read as if they were not there: soft opt-in, implied or
  tacit consent, national exemptions for statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Model(IntEnum):
    """What the law asks before data is used. Ordered: the greater is the stricter."""

    NOTICE = 1  # tell the person
    OPT_OUT = 2  # may start, stops when the person says so
    OPT_IN = 3  # starts only with a yes
    EXPLICIT_OPT_IN = 4  # a yes to exactly this, on its own, in so many words
    PROHIBITED = 5  # not even with a yes


@dataclass(frozen=True)
class Reading:
    """`weighable`: the law names a legitimate interest with the right to object as an equal to consent.
    Then, and only then, a purpose published on a legitimate interest keeps that ground."""

    model: Model
    weighable: bool = False


NOTICE = Reading(Model.NOTICE)
OPT_OUT = Reading(Model.OPT_OUT)
OPT_IN = Reading(Model.OPT_IN)
EXPLICIT = Reading(Model.EXPLICIT_OPT_IN)
PROHIBITED = Reading(Model.PROHIBITED)
OPT_IN_OR_WEIGHED = Reading(Model.OPT_IN, weighable=True)

# fmt: off
READINGS: dict[tuple[str, str], Reading] = {
    # What the data says generally, for every class a regime has no word of its own for.
    ("general", "opt_in (itemised, standalone notice; English or any of 22 scheduled languages)"): OPT_IN,
    ("general", "opt_in or other Art 13 basis"): OPT_IN,  # the other grounds (contract, law) are bases of their own here
    ("general", "opt_in, separate per item; marketing consent separate"): OPT_IN,

    # Marketing by e-mail. Soft opt-in, implied consent (CASL) and tacit consent are not used where consent is the rule.
    ("email_marketing", "opt_in"): OPT_IN,
    ("email_marketing", "opt_in(Art 13(1)) or soft_opt_in(Art 13(2))"): OPT_IN,
    ("email_marketing", "opt_in(PKE Art 398)"): OPT_IN,
    ("email_marketing", "opt_in_or_soft_opt_in"): OPT_IN,
    ("email_marketing", "opt_in_or_soft_opt_in (charities included since DUAA)"): OPT_IN,
    ("email_marketing", "opt_in_or_soft_opt_in(UCA Art 3(1)(o))"): OPT_IN,
    ("email_marketing", "opt_in_or_implied(CASL)"): OPT_IN,
    # CASL's "express" means "not implied": an ordinary yes is one.
    ("email_marketing", "express_opt_in or implied (existing business relationship 24 months, inquiry 6 months)"): OPT_IN,
    ("email_marketing", "opt_in_or_legitimate_interest_with_objection"): OPT_IN_OR_WEIGHED,
    ("email_marketing", "opt_out"): OPT_OUT,
    ("email_marketing", "tacit_with_opt_out"): OPT_OUT,  # silence is the legal rule there; the product still offers the no

    # Marketing by SMS, telephone, machine and post.
    ("sms_marketing", "opt_in or soft_opt_in"): OPT_IN,
    ("sms_marketing", "opt_in(PKE Art 398)"): OPT_IN,
    ("sms_marketing", "opt_in(TCPA)"): OPT_IN,
    ("sms_marketing", "opt_in_or_soft_opt_in"): OPT_IN,
    ("sms_marketing", "express_opt_in"): OPT_IN,  # CASL, as above
    ("sms_marketing", "opt_in; separate consent for 21:00-08:00"): OPT_IN,  # the night hours are a matter of sending
    ("sms_marketing", "prior_express_written_consent(autodialed)"): EXPLICIT,  # the product cannot tell how a brand dials
    ("phone_marketing", "national_rule"): OPT_IN,  # doubt: some states let a brand call until told not to
    ("phone_marketing", "national_rule(Art 13(3))"): OPT_IN,  # the same doubt
    ("phone_marketing", "opt_in(PKE Art 398; cold calls banned, B2B too)"): OPT_IN,
    ("phone_marketing", "opt_out_or_opt_in(TCPA/TSR)"): OPT_IN,  # doubt: depends on a recorded voice, which we cannot see
    ("phone_marketing", "prior_express_written_consent(prerecorded/AI voice); DNC opt-out"): EXPLICIT,  # the same doubt
    ("automated_calls_fax", "opt_in"): OPT_IN,
    ("postal_marketing", "objection"): OPT_OUT,
    ("postal_marketing", "notice"): NOTICE,

    # The person's own device, statistics.
    ("cookies_nonessential", "opt_in"): OPT_IN,
    ("cookies_nonessential", "opt_in (ANPD cookie guide)"): OPT_IN,
    ("cookies_nonessential", "opt_in(Art 5(3))"): OPT_IN,
    ("cookies_nonessential", "opt_in(PKE Art 399; may be expressed by software settings)"): OPT_IN,
    ("cookies_nonessential", "opt_in: identification/location/profiling functions off by default (s.8.1)"): OPT_IN,
    # The exempt kinds of storage have no class of their own but statistics, which has its own line below.
    (
        "cookies_nonessential",
        "opt_in; exempt with information+opt-out: statistics, appearance/preferences, emergency (PECR Sch A1)",
    ): OPT_IN,
    ("cookies_nonessential", "notice_and_opt_out(TCA Art 45c)"): OPT_OUT,
    ("cookies_nonessential", "opt_out"): OPT_OUT,
    ("audience_measurement", "opt_in_unless_national_exemption"): OPT_IN,  # the exemptions differ by authority; none is used
    ("audience_measurement", "notice_and_opt_out"): OPT_OUT,
    ("audience_measurement", "notice"): NOTICE,

    # Profiling, advertising, passing on.
    ("personalisation_profiling", "opt_in_or_balanced_legitimate_interest_with_objection"): OPT_IN_OR_WEIGHED,
    ("personalisation_profiling", "opt_in (activation by person, s.8.1)"): OPT_IN,
    # Doubt: express consent is owed for high-risk profiling only, but no class tells high risk from low.
    ("personalisation_profiling", "express consent for high-risk profiling when consent relied on"): EXPLICIT,
    ("personalisation_profiling", "notice(first_party)"): NOTICE,
    ("targeted_advertising", "opt_in"): OPT_IN,
    # The ban below 18 is a rule about minors (minors.py).
    ("targeted_advertising", "opt_in_or_legitimate_interest; prohibited profiling of minors <18 for ads (ECA Digital)"): OPT_IN_OR_WEIGHED,
    # Art 24 adds an easy refusal to the ground that Art 13 asks for anyway; that ground is consent.
    ("targeted_advertising", "non-personalised option or easy refusal (Art 24)"): OPT_IN,
    ("targeted_advertising", "notice_and_opt_out"): OPT_OUT,
    ("targeted_advertising", "opt_out"): OPT_OUT,
    ("targeted_advertising", "opt_out(sharing)"): OPT_OUT,
    ("targeted_advertising", "opt_out_if_not_sensitive (OPC OBA position)"): OPT_OUT,  # sensitive data is a class of its own
    ("sale_or_disclosure_to_third_party_for_own_marketing", "opt_in"): OPT_IN,
    ("sale_or_disclosure_to_third_party_for_own_marketing", "opt_out"): OPT_OUT,
    # Sensitive data is a class of its own, so what is left is notice; whoever may object is given the control.
    ("sale_or_disclosure_to_third_party_for_own_marketing", "notice; consent for sensitive"): OPT_OUT,
    # Written for health data. Doubt: the class does not tell health data from other data.
    ("sale_or_disclosure_to_third_party_for_own_marketing", "signed_authorization (1 year)"): EXPLICIT,
    ("provide_to_other_handler", "separate_opt_in(Art 23)"): EXPLICIT,
    ("public_disclosure", "separate_opt_in(Art 25)"): EXPLICIT,
    ("cross_border", "separate_opt_in(Art 39)"): EXPLICIT,
    ("secondary_purpose", "opt_in if not reasonably expected (7002)"): OPT_IN,  # what is expected is the brand's word only
    ("secondary_purpose", "opt_in with listed exceptions (s.12)"): OPT_IN,  # the exceptions are not used
    ("financial_incentive", "opt_in(1798.125(b)(3))"): OPT_IN,

    # Sensitive data, decisions by machine.
    ("sensitive_data", "explicit_opt_in"): EXPLICIT,
    ("sensitive_data", "express_opt_in"): EXPLICIT,
    ("sensitive_data", "express_opt_in when consent is relied on (Art 6(7))"): EXPLICIT,
    ("sensitive_data", "express_written_opt_in"): EXPLICIT,
    ("sensitive_data", "separate_opt_in(Art 29)"): EXPLICIT,
    ("sensitive_data", "specific_highlighted_opt_in"): EXPLICIT,
    ("sensitive_data", "opt_in"): OPT_IN,
    ("sensitive_data", "opt_in (separate for collection and for sharing)"): EXPLICIT,  # two yeses, one for each
    ("sensitive_data", "opt_out(notice)"): OPT_OUT,
    ("sensitive_data", "notice + right_to_limit (opt_out)"): OPT_OUT,
    # Maryland: a yes does not help where the use is not strictly necessary. What is necessary is a contract, not a choice.
    ("sensitive_data", "strictly_necessary_only; sale_prohibited"): PROHIBITED,
    # A contract or a law is a basis of its own; what is left needs the explicit yes.
    ("adm_legal_or_similar_effect", "explicit_opt_in_or_contract_or_law"): EXPLICIT,
    ("adm_legal_or_similar_effect", "opt_out"): OPT_OUT,

    # Children, and people under guardianship. Whose yes it is: resolver.who_decides().
    ("child_isss", "parental_opt_in_below_age"): OPT_IN,
    ("child_isss", "parental_opt_in_below_14"): OPT_IN,
    ("child_isss", "parental_opt_in_below_14(Art 31)"): EXPLICIT,  # their data is sensitive there, Art 28
    ("child_isss", "legal_representative_below_14"): OPT_IN,
    ("child_isss", "opt_in: <13 parent, 13-15 self"): OPT_IN,
    ("child_isss", "parental for <13 (OPC position)"): OPT_IN,
    ("child_isss", "specific_highlighted_parental_opt_in or other basis in best interests"): EXPLICIT,
    ("child_isss", "verifiable_parental_opt_in_below_18"): EXPLICIT,
    ("child_collection_use", "verifiable_parental_opt_in"): EXPLICIT,
    ("child_disclosure_to_third_party_not_integral", "separate_verifiable_parental_opt_in"): EXPLICIT,
    ("child_targeted_advertising", "separate_verifiable_parental_opt_in"): EXPLICIT,
    ("child_ai_training_disclosure", "separate_verifiable_parental_opt_in"): EXPLICIT,
    ("child_tracking_targeted_ads", "prohibited"): PROHIBITED,
    ("persons_with_disability", "verifiable_guardian_opt_in"): EXPLICIT,
}
# fmt: on

FLOOR_ID = "global-floor"
# Where neither the place nor the brand's home has a word for a class. The right to object is offered to everybody, so the
# floor is an opt-out; for these, silence of the law is no permission.
FLOOR: dict[str, Model] = {
    "sensitive_data": Model.EXPLICIT_OPT_IN,
    "adm_legal_or_similar_effect": Model.EXPLICIT_OPT_IN,
    "automated_calls_fax": Model.OPT_IN,
    "child_isss": Model.OPT_IN,
    "child_collection_use": Model.OPT_IN,
    "child_disclosure_to_third_party_not_integral": Model.EXPLICIT_OPT_IN,
    "child_targeted_advertising": Model.EXPLICIT_OPT_IN,
    "child_ai_training_disclosure": Model.EXPLICIT_OPT_IN,
    "child_tracking_targeted_ads": Model.EXPLICIT_OPT_IN,
    "persons_with_disability": Model.EXPLICIT_OPT_IN,
}


def floor(purpose_class: str) -> Model:
    return FLOOR.get(purpose_class, Model.OPT_OUT)
