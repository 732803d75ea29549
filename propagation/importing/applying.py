"""Some lines at a time: everybody concerned is found by a few statements, then one turn takes over what they decided."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from accounts.actions import joining
from accounts.models import Contact, Customer, Suppression
from accounts.suppression import digests
from brands.models import Brand
from consents import shown
from consents.actions import take_over_in
from consents.ahead import Ahead
from consents.saying import Result, Said
from consents.standing import basis_here
from consents.states import How, Verb, Where
from ledger.turns import Turn, turn
from propagation.importing.mapping import Decided
from propagation.models import ImportLine
from propagation.whom import find_all

OUTCOMES = {
    Result.SAVED: "applied", Result.STANDS: "stands", Result.SUPERSEDED: "superseded", Result.UNPROVEN: "unproven",
    Result.NO_CONTROL: "refused",
}  # fmt: skip
WHYS = {
    Result.SUPERSEDED: "a later no stands", Result.NO_CONTROL: "not for the person to decide, or a guardian decides",
    Result.STANDS: "it stands so already",
}  # fmt: skip
# The grounds on which a person's word counts, as take_over_in() has them.
THEIRS = {Verb.ALLOW: {"consent"}, Verb.DENY: {"consent", "legitimate_interest", "opt_out", "prohibited"}}


@dataclass(frozen=True)
class Became:
    line: int
    outcome: str
    why: str = ""


def apply(brand: Brand, decided: list[Decided], *, by: str) -> list[Became]:
    """What became of each, in the order of the lines. Inside the transaction of the caller."""
    known = find_all(brand.pk, None, {name for each in decided for name in each.names})
    decided = [_meant_by(each, known) for each in decided]
    refused = {index: became for index, each in enumerate(decided) if (became := _refusal(each, known)) is not None}
    gone = _suppressed(brand, [each for index, each in enumerate(decided) if index not in refused and each.name not in known])
    wanted = [(index, each) for index, each in enumerate(decided) if index not in refused and each.name not in gone]
    newcomers = _newcomers(brand, wanted, known)
    new = joining.prepare(brand, {canonical: each.language for canonical, each in newcomers.items()})
    people = _people(brand, known, [each for _, each in wanted])
    subjects = sorted({each.subject for each in (*people.values(), *new.values())})
    results: dict[int, Became] = refused | {
        index: Became(each.line, "suppressed", "was deleted here, and comes back by their own act alone")
        for index, each in enumerate(decided)
        if each.name in gone
    }

    def meant(each: Decided) -> list[Customer]:
        if each.name in known:
            return [people[pk] for pk in known[each.name]]
        return [new[each.name[1]]] if each.name[1] in new else []

    results |= {index: _nobody(each) for index, each in wanted if not meant(each)}
    if subjects:
        with turn(*subjects, brand=brand.key, actor=by) as this:
            joining.record_prepared(this, new, {canonical: each.address for canonical, each in newcomers.items()})
            store = _ahead([*people.values(), *new.values()], [each for _, each in wanted], meant, by)
            results |= {index: _each(this, customers, each, by, store) for index, each in wanted if (customers := meant(each))}
            store.flush()
    return [results[index] for index in sorted(results)]


def _meant_by(each: Decided, known: dict[tuple[str, str], list[int]]) -> Decided:
    """By the first name under which anybody is here; else by the address that somebody new could begin with."""
    here = next((name for name in each.names if name in known), None)
    new = next((name for name in each.names if name[0] == "email"), each.name)
    return replace(each, name=here or new)


def _refusal(each: Decided, known: dict[tuple[str, str], list[int]]) -> Became | None:
    people = known.get(each.name, [])
    if len(people) > 1 and each.verb is Verb.ALLOW:  # a no is applied to all of them
        return Became(each.line, "refused", "several people here are called so")
    if not people and each.name[0] != "email":
        return Became(each.line, "refused", "nobody here is called so, and there is no email address to begin with")
    return None


def _newcomers(brand: Brand, wanted: list[tuple[int, Decided]], known: dict[tuple[str, str], list[int]]) -> dict[str, Decided]:
    """Somebody new begins with what counts: a no, or a yes with its evidence, on a use that is theirs to decide. By canonical address."""
    somebody, new = Customer(brand=brand, country=brand.country), dict[str, Decided]()
    basis = {key: basis_here(somebody, purpose) for key, purpose in {each.purpose.key: each.purpose for _, each in wanted}.items()}
    for _, each in wanted:
        proven = each.verb is Verb.DENY or not each.elsewhere.missing
        if each.name not in known and proven and basis[each.purpose.key] in THEIRS[each.verb]:
            new.setdefault(each.name[1], each)
    return new


def _people(brand: Brand, known: dict[tuple[str, str], list[int]], wanted: Iterable[Decided]) -> dict[int, Customer]:
    found = Customer.objects.in_bulk({pk for each in wanted for pk in known.get(each.name, ())})
    for customer in found.values():
        customer.brand = brand
    return found


def _suppressed(brand: Brand, unknown: list[Decided]) -> set[tuple[str, str]]:
    by_digest = {each: name for name in {one.name for one in unknown} for each in digests(brand, Contact.Channel.EMAIL, name[1])}
    there = Suppression.objects.filter(brand=brand, digest__in=by_digest).values_list("digest", flat=True) if by_digest else ()
    return {by_digest[digest] for digest in there}


def _nobody(each: Decided) -> Became:
    """A yes that proves nothing makes nobody known here, and neither does what is not for a person to decide."""
    if each.verb is Verb.DENY or not each.elsewhere.missing:
        return Became(each.line, "refused", WHYS[Result.NO_CONTROL])
    return Became(each.line, "unproven", f"lacks {', '.join(each.elsewhere.missing)}; nobody here is called so")


def _ahead(people: list[Customer], wanted: list[Decided], meant: Callable[[Decided], list[Customer]], by: str) -> Ahead:
    """What all of these lines will ask."""
    keys = {said.key for each in wanted for customer in meant(each) if (said := _said(customer, each, by)).key}
    shown_then = {
        shown.elsewhere(customer.brand, each.purpose, each.channel, _said(customer, each, by).language, text.wording, text.source).sha256
        for each in wanted
        if each.verb is Verb.ALLOW and not (text := each.elsewhere).missing
        for customer in meant(each)
    }
    return Ahead(people, {each.purpose.key for each in wanted}, {key for key in keys if key}, shown_then)


def _each(this: Turn, customers: list[Customer], each: Decided, by: str, store: Ahead) -> Became:
    every = [_one(this, customer, each, by, store) for customer in customers]
    return next((became for became in every if became.outcome == "applied"), every[0])


def _said(customer: Customer, each: Decided, by: str) -> Said:
    key = f"import|{each.elsewhere.evidence}|{each.line}|{customer.subject}|{each.purpose.key}|{each.channel}|{each.verb}"
    return Said(
        actor=by, party=customer.subject, how=How.IMPORT, where=Where.IMPORT, assurance="IV0", language=each.language or customer.language,
        key=hashlib.sha256(key.encode()).hexdigest(),
    )  # fmt: skip


def _one(this: Turn, customer: Customer, each: Decided, by: str, store: Ahead) -> Became:
    said = _said(customer, each, by)
    outcome = take_over_in(this, customer, each.purpose, each.channel, each.verb, said, each.elsewhere, store)
    if outcome.result is Result.UNPROVEN:
        return Became(each.line, "unproven", f"lacks {', '.join(each.elsewhere.missing)}")
    return Became(each.line, OUTCOMES[outcome.result], WHYS.get(outcome.result, ""))


def lines_of(run: int, became: Iterable[Became]) -> list[ImportLine]:
    return [ImportLine(run_id=run, line=each.line, outcome=each.outcome, why=each.why) for each in became]


def counted(became: Iterable[Became]) -> Counter[str]:
    return Counter(each.outcome for each in became)
