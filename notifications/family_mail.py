"""What the mails about a family say: a title, some lines and one link, in the reader's language.

Names stand as subjects or after a colon, verbs in the present: no sentence depends on anybody's gender, nor on how a name is declined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import published, version_of
from consents.states import State
from consents.words import labelled
from ledger.models import Entry
from notifications.families import LONGEST_NAME, OF_CHOICES, called, decides_for, press
from notifications.models import Message
from regimes import days


@dataclass(frozen=True)
class Told:
    """One entry, its reader, and the child that it is about: None for a claim about a child who is not known here."""

    entry: Entry
    act: dict[str, Any]
    reader: Customer
    child: Customer | None

    @property
    def to_child(self) -> bool:
        return self.child is not None and self.reader.pk == self.child.pk

    @property
    def name(self) -> str:
        return called(self.child) if self.child else ""

    def adult(self, subject: str) -> str:
        found = Customer.objects.filter(brand=self.reader.brand_id, subject=subject).first()
        name = " ".join(found.name.split()) if found else ""
        return name if 0 < len(name) <= 2 * LONGEST_NAME else _("another adult")


@dataclass(frozen=True)
class Said:
    """`leads`: the sentence before the link."""

    title: str
    lines: list[str]
    leads: str = ""


def read(message: Message) -> Told | None:
    """None when what it tells of is gone, or the child is."""
    entry = Entry.objects.readable().filter(pk=message.entry).first()
    code = message.facts["child"]
    child = Customer.objects.filter(brand=message.brand_id, code=code).first() if code else None
    if entry is None or (code and child is None):
        return None
    if child is not None:
        child.brand = message.brand
    return Told(entry, entry.act, message.customer, child)


# ── Whether it still goes ───────────────────────────────────────────────────────────────────────────────────────────


def stands(message: Message) -> bool:
    """Asked right before it is sent: whoever no longer decides for the child reads nothing of it but that very end."""
    told = read(message)
    if told is None or _settled(told):
        return False
    if told.child is None or told.to_child or _left(told):
        return True
    return decides_for(told.reader, told.child, seeing=told.entry.kind in OF_CHOICES)


def _left(told: Told) -> bool:
    return told.entry.kind == "guardianship.ended" and told.act["guardian"] == told.reader.subject


def _settled(told: Told) -> bool:
    """What was asked is answered, or taken back."""
    answers = SETTLED.get(told.entry.kind)
    if answers is None:
        return False
    later = Entry.objects.of(told.entry.subject).readable().filter(kind__in=answers, seq__gt=told.entry.seq)
    return any(_about(each.act) == _about(told.act) for each in later)


def _about(act: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(act.get(name) for name in ("what", "purpose", "channel"))


SETTLED = {
    "wish.made": ("wish.answered", "wish.taken_back"),
    "wish.reminded": ("wish.answered", "wish.taken_back"),
    "child_page.asked": ("child_page.claimed", "child_page.refused"),
}


# ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────


def context(message: Message) -> dict[str, Any]:
    """The values of templates/email/family.*, in the language that is active."""
    told = read(message)
    assert told is not None  # it stood a moment ago
    said = WORDS[told.entry.kind](told)
    return {
        "title": _begun(said.title),
        "lines": [_begun(line) for line in said.lines],
        "leads": said.leads or _("See how it stands:"),
        "link": _("Your choices") if told.to_child else _("Your family page"),
        "url": reverse("consents:choices") if told.to_child else reverse("guardians:family"),
        "guardian": told.child is not None and not told.to_child and not _left(told),
    }


def _begun(sentence: str) -> str:
    """“your child” may stand at its beginning."""
    return sentence[:1].upper() + sentence[1:]


def _wish(told: Told) -> Said:
    names = {"child": told.name, "what": _label_now(told)}
    title = {
        "allow": _("%(child)s would like: %(what)s"),
        "copy": _("%(child)s would like to see the data we have"),
        "correct": _("%(child)s would like something put right"),
        "delete": _("%(child)s would like data deleted"),
    }[told.act["what"]]
    again = [_("The question has been asked before, and waits.")] if told.entry.kind == "wish.reminded" else []
    return Said(title % names, [*again, _("Nothing happens until you answer.")], _("Read it and answer on your family page:"))


def _label_now(told: Told) -> str:
    """The wish names a use, and no version of it."""
    assert told.child is not None
    purpose = published(told.child.brand).get(told.act["purpose"])
    return labelled(purpose.for_language(get_language() or "").title if purpose else told.act["purpose"], told.act["channel"])


def _decision(told: Told) -> Said:
    assert told.child is not None
    act, found = told.act, _labels(told.child.brand, press(told.entry))
    own = act["party"] == told.child.subject
    who = told.name if own else told.adult(act["party"])
    if len(found) > 1:
        several = ngettext("%(who)s chose “Don’t allow” for %(n)d use", "%(who)s chose “Don’t allow” for %(n)d uses", len(found))
        title = several % {"who": who, "n": len(found)}
    else:
        title = _decided(act["state"]) % {"who": who, "what": found[0]}
    about = [] if own else [_("About: %(child)s") % {"child": told.name}]
    uses = found if len(found) > 1 else []
    return Said(title, [*about, *uses, _and_now(act["state"], own=own)], _("See how it stands on your family page:"))


def _decided(state: str) -> str:
    if state == State.GRANTED:
        return _("%(who)s allowed: %(what)s")
    if state == State.REFUSED:
        return _("%(who)s chose “Don’t allow”: %(what)s")
    return _("%(who)s turned off: %(what)s")


def _and_now(state: str, *, own: bool) -> str:
    if own:
        return _("A child may turn anything off without asking anybody. It stays off until they ask for it again.")
    if state == State.GRANTED:
        return _("You can turn it off at any time: the no of one adult is enough.")
    return _("The no of one adult is enough, whatever another one allows.")


def _labels(brand: Brand, entries: Iterable[Entry]) -> list[str]:
    found = []
    for act in (entry.act for entry in entries):
        version = version_of(brand, act["purpose"], act["version"])
        found.append(labelled(version.for_language(get_language() or "").title if version else act["purpose"], act["channel"]))
    return found


# ── Who decides ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _started(told: Told) -> Said:
    if told.act["guardian"] == told.reader.subject:
        lines = [
            _("You see what we do with the child’s data, and you allow each use or don’t."),
            _("The child sees what you decide, and may turn anything off without asking anybody."),
        ]
        return Said(_("From now on you decide for a child: %(child)s") % {"child": told.name}, lines)
    title = _("From now on %(adult)s decides for %(child)s, too") % {"adult": told.adult(told.act["guardian"]), "child": told.name}
    return Said(title, [_helps()])


def _ended(told: Told) -> Said:
    why, names = told.act["why"], {"adult": told.adult(told.act["guardian"]), "child": told.name}
    if not _left(told):
        lines = [
            _("What they allowed no longer counts. What they turned off stays off until somebody who decides says otherwise."),
            _("The link to the child’s own page is a new one. You find it on your family page."),
        ]
        return Said(_("%(adult)s no longer decides for %(child)s") % names, [*lines, _helps()])
    if why == "of_age":
        lines = [_("From now on %(child)s decides alone. What you allowed no longer counts.") % names]
        return Said(_("%(child)s is of age, and you no longer see the data") % names, lines)
    lines = [_because(why), _("You no longer see the child’s data. What you allowed no longer counts.")]
    return Said(_("You no longer decide for a child: %(child)s") % names, [*lines, _helps()])


def _because(why: str) -> str:
    return {
        "resigned": _("You ended it."),
        "revoked": _("It was taken back from the mail that had confirmed it."),
        "erased": _("The account was deleted."),
    }.get(why, _("By a decision that was shown to us."))


def _frozen(told: Told) -> Said:
    if told.act["state"] == "on":
        lines = [_("Until that is settled, you see no choices. What is allowed, you can stop on your family page."), _helps()]
        return Said(_("Support looks into who may decide for %(child)s") % {"child": told.name}, lines)
    return Said(_("It is settled who may decide for %(child)s") % {"child": told.name}, [_("You can allow things again, too.")])


def _invited(told: Told) -> Said:
    lines = [
        _("The invitation comes from: %(adult)s") % {"adult": told.adult(told.act["by"])},
        _("Whoever takes it up sees nothing before they have shown that they are an adult."),
    ]
    return Said(_("Another adult was invited to decide for %(child)s, too") % {"child": told.name}, [*lines, _helps()])


def _refused(told: Told) -> Said:
    leads = _("Why, and what you can do, stands on your family page:")
    return Said(_("We could not confirm that you decide for a child"), [], leads)


def _helps() -> str:
    return _("Is that not right? Answer this mail: a person helps.")


# ── Growing up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_age(told: Told) -> Said:
    age, of_age = told.act["age"], told.act["of_age"]
    names = {"child": told.name, "age": age, "day": _day(told, age)}
    if told.to_child:
        return _to_the_young(names, of_age=of_age)
    lines = [
        _("From that day no adult sees the data here or decides about it."),
        _("What you allowed ends on that day. What you turned off stays off until the young person says otherwise."),
    ] if of_age else [
        _("From that day %(child)s decides alone, and you no longer see the choices.") % names,
        _("What you allowed ends on that day."),
    ]  # fmt: skip
    assert told.child is not None
    if told.child.person_id is None:
        lines.append(_("For a sign-in of their own: the child’s own page asks for an address, and you agree to it."))
    return Said(_("%(child)s turns %(age)d on %(day)s") % names, lines)


def _to_the_young(names: dict[str, Any], *, of_age: bool) -> Said:
    lines = [_("From that day you decide alone what we may do with your data."), _("What adults allowed for you ends on that day.")]
    if of_age:
        lines.append(_("They no longer see your data here."))
    return Said(_("You turn %(age)d on %(day)s") % names, lines)


def _day(told: Told, age: int) -> str:
    """The birthday, as the child's birth date stands now."""
    assert told.child is not None
    born: date | None = told.child.birth_date
    assert born is not None
    return date_format(days.birthday(born, age), "DATE_FORMAT")


def _address_asked(told: Told) -> Said:
    title = _("%(child)s would like to sign in with an address of their own") % {"child": told.name}
    lines = [_("A code has proven that the address works. Whether it is the child’s, you know.")]
    return Said(title, lines, _("Agree or refuse on your family page:"))


def _address_claimed(told: Told) -> Said:
    if told.to_child:
        lines = [_("The link to your page that you had before opens nothing any more.")]
        return Said(_("From now on you sign in with this address"), lines)
    title = _("From now on %(child)s signs in with an address of their own") % {"child": told.name}
    return Said(title, [_("The link to the child’s own page opens nothing any more."), _helps()])


WORDS: dict[str, Callable[[Told], Said]] = {
    "wish.made": _wish,
    "wish.reminded": _wish,
    "choice.decided": _decision,
    "guardianship.started": _started,
    "guardianship.ended": _ended,
    "guardianship.frozen": _frozen,
    "guardian.invited": _invited,
    "guardian.refused": _refused,
    "coming_of_age.told": _of_age,
    "child_page.asked": _address_asked,
    "child_page.claimed": _address_claimed,
}
