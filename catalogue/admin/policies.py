"""Policies: a draft is written on one sheet for each language; the page says what keeps it from being published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from catalogue import actions, policy_forms, proposals
from catalogue.admin.of_brand import OfBrand, PartInline, Published, brand_of, by
from catalogue.forms import StartForm
from catalogue.models import Change, Policy, PolicyText, PolicyVersion
from catalogue.models.frozen import Version
from catalogue.policy_content import PolicyContent
from catalogue.policy_validation import problems


class PolicyAdmin(OfBrand):
    list_display = ("key", "review")
    fields = ("key",)
    actions = ("revise", "reviewed")

    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """A new policy begins with an empty draft; the draft's own page asks for the texts."""
        obj.pk = actions.draft_policy(brand_of(request), key=obj.key, content=PolicyContent(), by=by(request)).policy_id

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.publish_policy")

    @admin.display(description=gettext_lazy("Review"), empty_value="–")
    def review(self, policy: Policy) -> str | None:
        """Until when somebody has to look at it again."""
        due = policy.review_due()
        if due is None:
            return None
        day = date_format(timezone.localtime(due), "DATE_FORMAT")
        return (gettext("late: it was due by %(day)s") if due < timezone.now() else gettext("by %(day)s")) % {"day": day}

    @admin.action(description=gettext_lazy("Reviewed: it still says what we do"), permissions=["publish"])
    def reviewed(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        done = self.attempt(request, queryset, lambda policy: actions.review_policy(policy, by=by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s policy is reviewed.", "%(n)s policies are reviewed.", done) % {"n": done})

    @admin.action(description=gettext_lazy("Begin a new version"), permissions=["change"])
    def revise(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        done = self.attempt(request, queryset, lambda policy: actions.revise_policy(policy, by=by(request)))
        if done:
            self.message_user(request, ngettext("%(n)s draft is on the desk.", "%(n)s drafts are on the desk.", done) % {"n": done})


class PolicyTextInline(PartInline):
    version_model = "policyversion"
    model = PolicyText
    form = policy_forms.PolicyTextForm

    @admin.display(description=gettext_lazy("Clauses"))
    def clauses(self, text: PolicyText) -> str:
        """What was published, where it is only shown."""
        return policy_forms.sheet(text)

    def get_extra(self, request: HttpRequest, obj: PolicyVersion | None = None, **kwargs: Any) -> int:
        return max(0, len(brand_of(request).languages) - obj.texts.count()) if obj else 0


class ChangeInline(PartInline):
    version_model = "policyversion"
    model = Change
    extra = 1
    shown = ("order", "key", "kind", "materiality", "favourable", "audience", "told", "clauses", "uses", "where")  # where it is only shown
    readonly = ("told", "clauses", "uses", "where")

    def get_formset(self, request: HttpRequest, obj: PolicyVersion | None = None, **kwargs: Any) -> Any:
        if obj and self._open(request, obj):
            kwargs["form"] = policy_forms.ChangeForm.of(obj)
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> list[Any]:
        if not self._open(request, obj):
            return list(self.shown)
        told = [f"{name}_{language}" for language in brand_of(request).languages for name in policy_forms.TOLD]
        return [("place", "key"), ("kind", "materiality", "favourable"), *told, "anchors", "purposes", ("countries", "audience")]

    def get_readonly_fields(self, request: HttpRequest, obj: Version | None = None) -> tuple[str, ...]:
        return () if self._open(request, obj) else self.readonly

    @admin.display(description=gettext_lazy("What people read"))
    def told(self, change: Change) -> SafeString:
        rows = ((language, title, change.for_you.get(language, "")) for language, title in change.titles.items())
        return format_html_join("", "<p>{}: {}<br>{}</p>", rows)

    @admin.display(description=gettext_lazy("Clauses that say it"))
    def clauses(self, change: Change) -> str:
        return ", ".join(change.anchors) or "–"

    @admin.display(description=gettext_lazy("Uses that it touches"))
    def uses(self, change: Change) -> str:
        return ", ".join(change.purposes) or "–"

    @admin.display(description=gettext_lazy("Only for people in"))
    def where(self, change: Change) -> str:
        return ", ".join(change.countries) or "–"


class PolicyVersionAdmin(OfBrand):
    brand_path = "policy__brand"
    form = policy_forms.PolicyDraftForm
    list_display = ("policy", "number", "published_at", "in_force_from", "fingerprint")
    list_filter = (Published,)
    list_select_related = ("policy",)
    action_form = StartForm
    actions = ("publish", "propose")

    def get_inlines(self, request: HttpRequest, obj: PolicyVersion | None) -> list[Any]:
        return [PolicyTextInline, ChangeInline] if obj and _follows(obj) else [PolicyTextInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a policy begins with its first draft; the next ones begin at the policy

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.number is None)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.number is None)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.publish_policy")

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> list[Any]:
        recorded = ["number", "published_at", "in_force_from", "sha256"]
        if obj and obj.number:
            return list(self.as_words(request, obj, ["removed", *recorded]))
        may_propose = obj is not None and _follows(obj) and self.has_change_permission(request, obj)
        return ["removed", *(["propose"] if may_propose else []), "in_the_way"]

    def get_readonly_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        return ("in_the_way",)

    @admin.display(description=gettext_lazy("What keeps it from being published"))
    def in_the_way(self, draft: PolicyVersion) -> SafeString | str:
        newest, content = draft.policy.newest, PolicyContent.of(draft)
        said = [str(problem) for problem in problems(draft.policy.brand, content, PolicyContent.of(newest) if newest else None)]
        if content.needs_notice:
            days = settings.POLICY_NOTICE.days
            message = ngettext(
                "It must be published at least %(days)s day before it applies.",
                "It must be published at least %(days)s days before it applies.",
                days,
            )
            said.append(message % {"days": days})
        return format_html_join("", "<p>{}</p>", ((each,) for each in said)) or gettext("Nothing")

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: Any, change: bool) -> None:
        """Texts, clauses and changes belong to it: all is written at once, below."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        texts, *changes = formsets
        content = policy_forms.content(form, texts, changes[0] if changes else None)
        if form.cleaned_data["propose"]:
            content = _with_proposals(form.instance.policy, content)
        actions.revise_policy(form.instance.policy, content=content, by=by(request))

    def delete_model(self, request: HttpRequest, obj: PolicyVersion) -> None:
        actions.discard_policy(obj)

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PolicyVersion]) -> None:
        start = StartForm(request.POST).start()
        done = self.attempt(request, queryset, lambda version: actions.publish_policy(version, by=by(request), in_force_from=start))
        if done:
            self.message_user(request, ngettext("%(n)s version is published.", "%(n)s versions are published.", done) % {"n": done})

    @admin.action(description=gettext_lazy("Propose the changes from the text"), permissions=["change"])
    def propose(self, request: HttpRequest, queryset: QuerySet[PolicyVersion]) -> None:
        for draft in queryset.filter(number__isnull=True):
            before = PolicyContent.of(draft)
            content = _with_proposals(draft.policy, before)
            actions.revise_policy(draft.policy, content=content, by=by(request))
            done = len(content.changes) - len(before.changes)
            self.message_user(request, ngettext("%(n)s change is proposed.", "%(n)s changes are proposed.", done) % {"n": done})


def _follows(version: PolicyVersion) -> bool:
    """Whether there is a version before it, from which it differs."""
    return version.number > 1 if version.number else version.policy.newest is not None


def _with_proposals(policy: Policy, content: PolicyContent) -> PolicyContent:
    return replace(content, changes=(*content.changes, *proposals.for_draft(policy, content)))
