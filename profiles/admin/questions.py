"""Questions and their versions: drafts, publishing, retiring; the journey as a picture; which of them earn their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from brands.http import SeeOther
from catalogue.admin.of_brand import OfBrand, PartInline, Published, brand_of, by
from catalogue.problems import Problem, Refused
from profiles import actions, desk_forms
from profiles.content import Content
from profiles.eligibility import sentence
from profiles.journey_picture import journey
from profiles.models import Condition, Question, QuestionText, QuestionVersion
from profiles.published import questions
from profiles.relevance import FEWEST, report
from profiles.validation import Vocabulary, problems

if TYPE_CHECKING:
    from django.urls import URLPattern


class QuestionAdmin(OfBrand):
    list_display = ("titled", "key", "topic", "order", "retired_at")
    list_select_related = ("brand",)
    fields = ("key", "topic", "order")
    actions = ("revise", "retire")

    @admin.display(description=gettext_lazy("Question"))
    def titled(self, question: Question) -> str:
        """As it is put now; a draft has its words on a page of its own."""
        found = questions(question.brand).questions.get(question.key)
        return found.for_language(get_language() or "").title if found else gettext("not asked")

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        return [
            path("journey/", wrapped(self.journey), name="profiles_question_journey"),
            path("relevance/", wrapped(self.relevance), name="profiles_question_relevance"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        return False

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("profiles.publish_question")

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        """A new question begins with a draft of nearly nothing; the draft's own page asks for the rest."""
        brand = brand_of(request)
        purpose, category = brand.purposes.order_by("order").first(), brand.data_categories.order_by("key").first()
        if purpose is None or category is None:
            raise Refused([Problem("no_catalogue", gettext("Publish a purpose first: a question serves one."))])
        empty = Content(kind="choice", purpose=purpose.key, category=category.key, retention_days=365, texts={})
        obj.pk = actions.draft_question(brand, key=obj.key, content=empty, topic=obj.topic, order=obj.order, by=by(request)).question_id

    @admin.action(description=gettext_lazy("Begin a new version"), permissions=["change"])
    def revise(self, request: HttpRequest, queryset: QuerySet[Question]) -> None:
        done = self.attempt(request, queryset, lambda question: actions.revise_question(question, by=by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s draft is on the desk.", "%(n)s drafts are on the desk.", done) % {"n": done})

    @admin.action(description=gettext_lazy("Ask no more, and delete the answers"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Question]) -> None:
        done = self.attempt(request, queryset, lambda question: actions.retire_question(question, by=by(request)))
        if done:
            text = ngettext("%(n)s question is not asked any more.", "%(n)s questions are not asked any more.", done)
            self.message_user(request, text % {"n": done})

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def journey(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": gettext("The journey"), "steps": journey(brand_of(request), get_language() or "en")}
        return self._page(request, "journey.html", context)

    def relevance(self, request: HttpRequest) -> HttpResponseBase:
        """By POST: the button that retires one."""
        if not request.user.has_perm("profiles.read_relevance"):
            raise PermissionDenied
        may_retire = self.has_publish_permission(request)
        if request.method == "POST":
            if not may_retire:
                raise PermissionDenied
            self.retire(request, self.get_queryset(request).filter(key=request.POST.get("question", "")))
            return SeeOther(reverse("admin:profiles_question_relevance"))
        lines = report(brand_of(request), get_language() or "en")
        context = {"title": gettext("Questions that earn their place"), "lines": lines, "may_retire": may_retire, "fewest": FEWEST}
        return self._page(request, "relevance.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        around = {**self.admin_site.each_context(request), "opts": self.model._meta}
        return TemplateResponse(request, f"admin/{template}", around | context)


class OfVersion(PartInline):
    app = "profiles"
    version_model = "questionversion"


class TextInline(OfVersion):
    model = QuestionText
    form = desk_forms.TextForm

    def get_extra(self, request: HttpRequest, obj: QuestionVersion | None = None, **kwargs: Any) -> int:
        return max(0, len(brand_of(request).languages) - obj.texts.count()) if obj else 0


class ConditionInline(OfVersion):
    model = Condition
    form = desk_forms.ConditionForm
    extra = 2


class QuestionVersionAdmin(OfBrand):
    brand_path = "question__brand"
    inlines = (TextInline, ConditionInline)
    list_display = ("question", "number", "kind", "purpose", "published_at", "fingerprint")
    list_filter = (Published, "kind")
    list_select_related = ("question", "purpose")
    action_form = desk_forms.PublishForm
    actions = ("publish",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a question begins with its first draft; the next ones begin at the question

    def has_change_permission(self, request: HttpRequest, obj: QuestionVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.number is None)

    def has_delete_permission(self, request: HttpRequest, obj: QuestionVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.number is None)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("profiles.publish_question")

    def get_form(self, request: HttpRequest, obj: QuestionVersion | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{**kwargs, "form": desk_forms.DraftForm.of(brand_of(request))})

    def get_fields(self, request: HttpRequest, obj: QuestionVersion | None = None) -> list[Any]:
        last = ["number", "published_at", "sha256", "sensitive_reason", "whom"] if obj and obj.number else ["whom", "in_the_way"]
        return list(self.as_words(request, obj, [*desk_forms.DraftForm.Meta.fields, *last]))

    def get_readonly_fields(self, request: HttpRequest, obj: QuestionVersion | None = None) -> tuple[str, ...]:
        return ("whom", "in_the_way")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        rows = db_field.remote_field.model._default_manager.filter(brand=brand_of(request))
        return super().formfield_for_foreignkey(db_field, request, queryset=rows, **kwargs)

    @admin.display(description=gettext_lazy("Whom it is put to"))
    def whom(self, version: QuestionVersion) -> str:
        brand, language = version.question.brand, get_language() or "en"
        return sentence(Content.of(version).conditions, Vocabulary.of(brand).names(language))

    @admin.display(description=gettext_lazy("What keeps it from being published"))
    def in_the_way(self, draft: QuestionVersion) -> SafeString | str:
        newest = draft.question.newest
        found = problems(draft.question, Content.of(draft), Content.of(newest) if newest else None, reason="")
        return format_html_join("", "<p>{}</p>", ((str(each),) for each in found)) or gettext("Nothing")

    def save_model(self, request: HttpRequest, obj: QuestionVersion, form: Any, change: bool) -> None:
        """Texts and conditions belong to it: all is written at once, below."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        texts, conditions = formsets
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        actions.revise_question(form.instance.question, content=desk_forms.content(form, texts, conditions), by=by(request))

    def delete_model(self, request: HttpRequest, obj: QuestionVersion) -> None:
        actions.discard_question(obj)

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[QuestionVersion]) -> None:
        reason = desk_forms.PublishForm(request.POST).reason()
        signed = reason if request.user.has_perm("profiles.allow_sensitive_question") else ""
        done = self.attempt(request, queryset, lambda version: actions.publish_question(version, by=by(request), sensitive_reason=signed))
        if done:
            self.message_user(request, ngettext("%(n)s version is published.", "%(n)s versions are published.", done) % {"n": done})
