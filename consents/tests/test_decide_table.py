"""decide(): every legal ground × every state of the person's own word × every flag, written out by hand from contracts.md 6."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from consents.tests.acting import a_word
from consents.tests.catalogue_of_all_grounds import key, resident

ALLOWING = {"contract", "legal_duty", "not_objected", "granted"}
STOPPED = {"marketing": "marketing_stopped", "sale": "sale_stopped", "sensitive": "sensitive_limited"}
COLUMN = {"marketing": "marketing_stopped_seq", "sale": "sale_stopped_seq", "sensitive": "sensitive_limited_seq"}
BINDS = {"legitimate_interest": ("marketing", "sale"), "opt_out": ("marketing", "sale")}  # others: all three, by their classes
STATES = "none unset deferred pending granted refused withdrawn expired objected opted_out".split()

# The word, where there is one, has seq 20 and had seen 15.
#   plain: no wide word. later: a wide word of seq 30. unseen: of seq 17, before the word, which had not seen it. blind: of seq 10, and the
#   word had seen nothing (a link). seen: of seq 10. just: of seq 15, the newest that the word had seen. "W": that wide word's own reason.
SAYS = """
state       plain          later  unseen  blind  seen           just

consent
none        undecided      W      W       W      W              W
unset       undecided      W      W       W      W              W
deferred    deferred       W      W       W      W              W
pending     unconfirmed    W      W       W      W              W
granted     granted        W      W       W      granted        granted
refused     refused        W      W       W      W              W
withdrawn   withdrawn      W      W       W      W              W
expired     expired        W      W       W      W              W
objected    objected       W      W       W      W              W
opted_out   opted_out      W      W       W      W              W

legitimate_interest
none        not_objected   W      W       W      W              W
unset       not_objected   W      W       W      not_objected   not_objected
deferred    not_objected   W      W       W      W              W
pending     not_objected   W      W       W      W              W
granted     not_objected   W      W       W      not_objected   not_objected
refused     refused        W      W       W      W              W
withdrawn   withdrawn      W      W       W      W              W
expired     not_objected   W      W       W      W              W
objected    objected       W      W       W      W              W
opted_out   opted_out      W      W       W      W              W

opt_out
none        not_objected   W      W       W      W              W
unset       not_objected   W      W       W      not_objected   not_objected
deferred    not_objected   W      W       W      W              W
pending     not_objected   W      W       W      W              W
granted     not_objected   W      W       W      not_objected   not_objected
refused     refused        W      W       W      W              W
withdrawn   withdrawn      W      W       W      W              W
expired     not_objected   W      W       W      W              W
objected    objected       W      W       W      W              W
opted_out   opted_out      W      W       W      W              W

contract
none        contract       contract    contract    contract    contract    contract
unset       contract       contract    contract    contract    contract    contract
deferred    contract       contract    contract    contract    contract    contract
pending     contract       contract    contract    contract    contract    contract
granted     contract       contract    contract    contract    contract    contract
refused     contract       contract    contract    contract    contract    contract
withdrawn   contract       contract    contract    contract    contract    contract
expired     contract       contract    contract    contract    contract    contract
objected    contract       contract    contract    contract    contract    contract
opted_out   contract       contract    contract    contract    contract    contract

legal_duty
none        legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
unset       legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
deferred    legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
pending     legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
granted     legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
refused     legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
withdrawn   legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
expired     legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
objected    legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty
opted_out   legal_duty     legal_duty  legal_duty  legal_duty  legal_duty  legal_duty

prohibited
none        prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
unset       prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
deferred    prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
pending     prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
granted     prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
refused     prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
withdrawn   prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
expired     prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
objected    prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
opted_out   prohibited     prohibited  prohibited  prohibited  prohibited  prohibited
"""
# column -> (seq of the wide word, `seen` of the person's word)
WIDE = {"later": (30, 15), "unseen": (17, 15), "blind": (10, None), "seen": (10, 15), "just": (15, 15)}


def grid() -> dict[tuple[str, str, str], str]:
    """(ground, state, column) -> reason."""
    cells: dict[tuple[str, str, str], str] = {}
    lines = [line.split() for line in SAYS.strip().splitlines() if line.strip()]
    columns, ground = lines[0][1:], ""
    for line in lines[1:]:
        if len(line) == 1:
            ground = line[0]
            continue
        assert len(line) == len(columns) + 1, line
        cells |= {(ground, line[0], column): cell for column, cell in zip(columns, line[1:], strict=True)}
    return cells


GRID = grid()
GROUNDS = ("consent", "legitimate_interest", "opt_out", "contract", "legal_duty", "prohibited")


def test_the_table_has_every_ground_state_and_flag() -> None:
    assert set(GRID) == {(g, s, c) for g in GROUNDS for s in STATES for c in ("plain", *WIDE)}


def asked(customer: Customer, purpose: str, channel: str = "") -> tuple[bool, str]:
    decision = decide(customer, purpose, channel)
    return decision.allowed, decision.reason.value


def expected(reason: str) -> tuple[bool, str]:
    return reason in ALLOWING, reason


def set_columns(customer: Customer, **columns: int | None) -> None:
    nothing: dict[str, int | None] = dict.fromkeys((*COLUMN.values(), "restricted_seq"))
    Customer.objects.filter(pk=customer.pk).update(**(nothing | columns))


def stands(customer: Customer, purpose: str, state: str, *, seen: int | None = 15, channel: str = "") -> None:
    customer.choices.all().delete()
    if state != "none":
        a_word(customer, purpose, state, seen=seen, channel=channel)


def test_what_stands_and_the_wide_words(golden: Brand) -> None:
    californian, marylander = resident(golden), resident(golden, "MD")
    wrong = []
    for (ground, state, column), cell in GRID.items():
        customer = marylander if ground == "prohibited" else californian
        purpose = key("consent" if ground == "prohibited" else ground)
        seq, seen = WIDE.get(column, (None, 15))
        stands(customer, purpose, state, seen=seen)
        for scope in BINDS.get(ground, tuple(STOPPED)) if seq else ["none"]:
            set_columns(customer, **({COLUMN[scope]: seq} if seq else {}))
            reason = STOPPED[scope] if cell == "W" else cell
            if (got := asked(customer, purpose)) != expected(reason):
                wrong.append((ground, state, column, scope, got, reason))
    assert not wrong


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_overrides_every_state(golden: Brand, ground: str) -> None:
    """Restricted, retired, not yet in force, unknown purpose, unknown channel, unknown person: whatever anybody has said."""
    customer = resident(golden, "MD" if ground == "prohibited" else "CA")
    name = key("consent" if ground == "prohibited" else ground)
    wrong = []
    for state in STATES:
        stands(customer, name, state)
        set_columns(customer, restricted_seq=40, marketing_stopped_seq=30)
        got = {"restricted": asked(customer, name), "unknown channel": asked(customer, name, "fax")}
        set_columns(customer)
        got |= {"unknown purpose": asked(customer, "nosuch"), "other channel": asked(customer, name, "email")}
        for prefix in ("gone", "soon"):
            stands(customer, f"{prefix}-{name}", state)
            got[prefix] = asked(customer, f"{prefix}-{name}")
            set_columns(customer, restricted_seq=40)
            got[f"{prefix}, restricted"] = asked(customer, f"{prefix}-{name}")
            set_columns(customer)
        should = {
            "restricted": "restricted", "unknown channel": "unknown_purpose", "unknown purpose": "unknown_purpose",
            "other channel": "unknown_purpose", "gone": "unknown_purpose", "gone, restricted": "unknown_purpose",
            "soon": "not_in_force", "soon, restricted": "not_in_force",
        }  # fmt: skip
        wrong += [(state, flag, got[flag], reason) for flag, reason in should.items() if got[flag] != (False, reason)]
    assert not wrong


@pytest.mark.parametrize("ground", GROUNDS[:-1])
def test_nobody_of_that_name(golden: Brand, linden: Brand, ground: str) -> None:
    """Erased, or a customer of another brand: known purposes deny, and an unknown purpose comes first."""
    customer = resident(golden)
    gone = resident(golden, "TX")
    gone.contacts.all().delete()
    Customer.objects.filter(pk=gone.pk).delete()
    assert asked(gone, key(ground)) == (False, "unknown_person")
    assert asked(gone, "nosuch") == (False, "unknown_purpose")
    customer.brand = linden
    assert asked(customer, "recs") == (False, "unknown_person")
