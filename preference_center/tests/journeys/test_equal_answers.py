"""Nothing is chosen beforehand, and neither answer is easier to see than the other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Customer
from guardians.tests.families import a_child, wishes
from preference_center.tests.journeys.walking import press
from preference_center.tests.servers import ROOT

CHOSEN = "[aria-pressed=true], input:checked, [aria-checked=true]"
LOOKS = """group => [...group.querySelectorAll('button')].map(button => {
    const style = getComputedStyle(button), box = button.getBoundingClientRect()
    const sides = ['Top', 'Right', 'Bottom', 'Left'], ofEach = ['Width', 'Style', 'Color']
    const edges = sides.map(side => ofEach.map(of => style[`border${side}${of}`]).join(' '))
    return {width: box.width, height: box.height, weight: style.fontWeight, size: style.fontSize, colour: style.color,
            background: style.backgroundColor, picture: style.backgroundImage, edges: edges.join(), opacity: style.opacity,
            shadow: style.boxShadow, line: style.textDecorationLine}
})"""


@pytest.mark.parametrize("who", ["anna", "marta"])
def test_a_fresh_customer_has_nothing_pressed_and_nothing_ticked(come_in, request: Any, who: str):
    page = come_in(request.getfixturevalue(who))
    for path in ("/", "/choices/", "/history/", "/account/"):
        answered = page.goto(path)
        assert answered.status == 200
        assert not page.url.partition("//")[2].partition("/")[2].startswith("sign-in")
        assert page.locator(CHOSEN).count() == 0, path
    page.goto("/choices/")
    buttons = page.locator(".decide button[name=decision]")
    assert buttons.count() >= 6
    assert buttons.count() == page.locator(".decide button[aria-pressed=false]").count()


def differences(looks: list[dict[str, Any]]) -> list[str]:
    """What the two buttons differ in."""
    first, second = looks
    return [f"{name}: {first[name]} and {second[name]}" for name in first if first[name] != second[name]]


def test_a_guardian_has_nothing_pressed_beforehand_and_two_equal_answers(come_in, marta: Customer):
    """For a child of whom nobody has decided anything, and who wishes for something."""
    wishes(a_child(marta), "album")
    page = come_in(marta)
    page.goto("/family/")
    assert page.locator(CHOSEN).count() == 0
    groups = page.locator(".decide")
    assert groups.count() >= 6
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for group in groups.all():
            assert not differences(group.evaluate(LOOKS)), (width, group.inner_text())


@pytest.mark.parametrize("who", ["anna", "marta"])
@pytest.mark.parametrize("language", ["en", "pl"])
def test_both_answers_look_the_same_while_undecided(come_in, request: Any, who: str, language: str):
    customer: Customer = request.getfixturevalue(who)
    Customer.objects.filter(pk=customer.pk).update(language=language)
    page = come_in(customer)
    page.goto("/choices/")
    assert page.locator("html").get_attribute("lang") == language
    measured = 0
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for group in page.locator(".decide").all():
                assert not differences(group.evaluate(LOOKS)), (width, scheme, group.inner_text())
                measured += 1
    assert measured >= 4 * 3
    pressed = page.locator(".decide").first
    press(pressed.locator("button").first)
    assert differences(page.locator(".decide").first.evaluate(LOOKS)), "a pressed answer must show: else the measuring is blind"


# ── In the templates ────────────────────────────────────────────────────────────────────────────────────────────────

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


def test_no_form_that_posts_a_decision_holds_a_filled_button():
    """`btn--primary` and `btn--danger` are for neutral tasks: never beside an answer, in whatever file the answer stands."""
    forms = {
        (path.relative_to(ROOT), form)
        for path in (ROOT / "templates").rglob("*.html")
        for form in FORM.findall(path.read_text(encoding="utf-8"))
    }
    deciding = [(path, form) for path, form in forms if re.search(r"""name=["']?decision|parts/_decide\.html""", form)]
    assert len(deciding) >= 2, "the forms are written in a way that this test does not see"
    assert len([form for _, form in forms if "btn--primary" in form]) >= 2
    assert [path for path, form in deciding if re.search("btn--(primary|danger)", form)] == []
