"""The pages of questions, each with the way there: asked, answered, refused, gone; and those of the demo's shop, which asks them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import Customer
from brands.models import Brand
from preference_center.tests.journeys.places import Go, Place, World, at
from preference_center.tests.journeys.walking import press
from profiles import actions
from profiles.actions.asking import By, Way
from profiles.fragments import pass_for
from profiles.models import Answer, Ask, Asked, Happening, Question
from profiles.pack import FOLDER
from profiles.using import read_answers

HERE = By("center", "en")
SHOP = "linden"


def have_questions(customer: Customer) -> None:
    """Of the shop alone: the club has none."""
    if customer.brand.key == SHOP:
        actions.load_questions(customer.brand, FOLDER / "shop.yaml", by="system:tests")
        customer.brand.refresh_from_db()


def _usual(world: World) -> Customer:
    found = Customer.objects.select_related("brand", "person").get(brand=world.brand, person__email="stara@example.com")
    found.brand = Brand.objects.get(pk=world.brand.pk)
    return found


def _afresh(world: World) -> Customer:
    """As if nothing had been asked and told yet, whatever page was looked at before."""
    usual = _usual(world)
    for model in (Answer, Ask, Asked, Happening):
        model.objects.filter(customer=usual).delete()
    return usual


def _told(world: World) -> Customer:
    usual = _afresh(world)
    actions.answer(usual, "bed-size", {"one": "160x200"}, HERE, version=1)
    actions.turn_down(usual, "windows", Way.NEVER, HERE)
    read_answers(usual, "recs", reader="Linden & Loom shop")
    return usual


def _answers(page: Page, world: World) -> None:
    _told(world)
    page.goto("/what-you-told-us/")


def _unused(page: Page, world: World) -> None:
    usual = _afresh(world)
    actions.answer(usual, "rooms", {"some": ["kitchen"]}, HERE, version=1)
    Answer.objects.filter(customer=usual).update(given_at=timezone.now() - timedelta(days=200))
    page.goto("/what-you-told-us/")


def _one(page: Page, world: World) -> None:
    _told(world)
    page.goto("/what-you-told-us/bed-size/")


def _change(page: Page, world: World) -> None:
    _told(world)
    page.goto("/prompts/bed-size/")


def _error(page: Page, world: World) -> None:
    _afresh(world)
    page.goto("/prompts/bed-size/")
    press(page.locator("main button[value=save]"))


def _table_error(page: Page, world: World) -> None:
    _afresh(world)
    page.goto("/prompts/windows/")
    page.locator("main table input").first.fill("wide")
    press(page.locator("main button[value=save]"))


def _meanwhile(page: Page, world: World) -> None:
    _afresh(world)
    page.goto("/prompts/bed-size/")
    actions.answer(_usual(world), "bed-size", {"one": "160x200"}, HERE, version=1)
    page.locator("main input[value='90x200']").check()
    press(page.locator("main button[value=save]"))


def _saved(page: Page, world: World) -> None:
    _afresh(world)
    page.goto("/prompts/bed-size/")
    page.locator("main input[value='90x200']").check()
    press(page.locator("main button[value=save]"))


def _never(page: Page, world: World) -> None:
    _afresh(world)
    page.goto("/prompts/bed-size/")
    press(page.locator("main button[value=never]"))


def _prompted(page: Page, world: World) -> None:
    """After an order, on the overview; what was refused lies a while back."""
    usual = _afresh(world)
    usual.choices.update(recorded_at=timezone.now() - timedelta(days=2))
    actions.happen_at_brand(usual, "order.placed")
    page.goto("/")
    assert page.locator(".prompt").count()


def _showing(world: World, state: str = Ask.State.OPEN) -> str:
    """The address that a prompt on the brand's own page posts to."""
    usual, now = _afresh(world), timezone.now()
    question = Question.objects.get(brand=world.brand, key="bed-size")
    ask = Ask.objects.create(
        customer=usual, question=question, version=1, moment="order.placed", session="of the shop", number=1, language=usual.language,
        state=state, shown_at=now, acted_at=None if state == Ask.State.OPEN else now,
    )  # fmt: skip
    Asked.objects.create(customer=usual, question=question, times=1, last_at=now)
    return f"/prompts/answer/{pass_for(world.brand, ask, '')}/"


def _by_link(page: Page, world: World) -> None:
    page.goto(_showing(world))


def _by_link_error(page: Page, world: World) -> None:
    _by_link(page, world)
    press(page.locator("main button[value=save]"))


def _by_link_done(page: Page, world: World) -> None:
    page.goto(_showing(world, Ask.State.ANSWERED))


def _checkout(page: Page, _: World) -> None:
    page.goto("/demo/shop/")
    press(page.locator("main button[value=mist]"))


def _retired(page: Page, world: World) -> None:
    actions.retire_question(Question.objects.get(brand=world.brand, key="windows"), by="system:tests")
    page.goto("/prompts/windows/")


def _preview(end: str) -> Go:
    def go(page: Page, world: World) -> None:
        page.goto("/desk/")
        draft = actions.revise_question(Question.objects.get(brand=world.brand, key="bed-size"))
        page.goto(f"/desk/preview/question/{draft.pk}/{end}?language={page.locator('html').get_attribute('lang')}")

    return go


def _there(name: str, url: str, who: str, go: Go, status: int = 200) -> Place:
    return replace(Place(name, url, who, go, status), brand=SHOP)


PLACES = (
    _there("told-nothing", "profiles:told", "fresh", at("/what-you-told-us/")),
    _there("told", "profiles:told", "usual", _answers),
    _there("told-unused", "profiles:told", "usual", _unused),
    _there("told-one", "profiles:one", "usual", _one),
    _there("prompt", "profiles:prompt", "usual", at("/prompts/bed-size/")),
    _there("prompt-several", "profiles:prompt", "usual", at("/prompts/rooms/")),
    _there("prompt-table", "profiles:prompt", "usual", at("/prompts/windows/")),
    _there("prompt-error", "profiles:prompt", "usual", _error, 422),
    _there("prompt-table-error", "profiles:prompt", "usual", _table_error, 422),
    _there("prompt-change", "profiles:prompt", "usual", _change),
    _there("prompt-meanwhile", "profiles:prompt", "usual", _meanwhile, 409),
    _there("prompt-not-allowed", "profiles:prompt", "fresh", at("/prompts/bed-size/")),
    _there("prompt-saved", "profiles:told", "usual", _saved),
    _there("prompt-never", "profiles:told", "usual", _never),
    _there("overview-prompt", "home:overview", "usual", _prompted),
    _there("prompt-by-link", "profiles:by_link", "nobody", _by_link),
    _there("prompt-by-link-error", "profiles:by_link", "nobody", _by_link_error, 422),
    _there("prompt-by-link-done", "profiles:by_link", "nobody", _by_link_done),
    _there("prompt-by-link-over", "profiles:by_link", "nobody", at("/prompts/answer/1.1.nothing/"), 410),
    _there("demo-shop", "demo:shop", "nobody", at("/demo/shop/")),
    _there("demo-checkout", "demo:checkout", "usual", _checkout),
    _there("demo-order", "demo:order", "usual", at("/demo/shop/order/mist/")),
    _there("prompt-gone", "profiles:told", "usual", _retired),  # the last: it is gone for those that follow
)
DESK_PLACES = (
    _there("desk-preview-question", "desk:preview_question", "staff", _preview("")),
    _there("preview-question", "desk:preview_question_as_read", "staff", _preview("as-read/")),
    _there("desk-questions", "desk:profiles_question_changelist", "staff", at("/desk/profiles/question/")),
    _there("desk-journey", "desk:profiles_question_journey", "staff", at("/desk/profiles/question/journey/")),
    _there("desk-relevance", "desk:profiles_question_relevance", "staff", at("/desk/profiles/question/relevance/")),
    _there("desk-question-versions", "desk:profiles_questionversion_changelist", "staff", at("/desk/profiles/questionversion/")),
    _there("desk-moment-add", "desk:profiles_moment_add", "staff", at("/desk/profiles/moment/add/")),
    _there("desk-stage-add", "desk:profiles_stage_add", "staff", at("/desk/profiles/stage/add/")),
)
