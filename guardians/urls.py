from __future__ import annotations

from django.urls import path, register_converter

from guardians.views import becoming, family, gate, own, requests


class ChildCode:
    """A customer's public code."""

    regex = "[2-9A-HJ-NP-Z]{10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class InvitationCode:
    """As it is mailed, or typed: letters, digits and hyphens."""

    regex = "[2-9A-Za-z-]{12,16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ChildLink:
    regex = r"[2-9A-HJ-NP-Z]{10}\.[0-9]{1,6}\.[A-Za-z0-9_-]{22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ChildCode, "child_code")
register_converter(InvitationCode, "invitation_code")
register_converter(ChildLink, "child_link")

app_name = "guardians"
urlpatterns = [
    path("family/", family.page, name="family"),
    path("family/begin/", becoming.begin, name="begin"),
    path("family/begin/take-back/", becoming.take_back, name="take_back"),
    path("family/form/", becoming.paper, name="paper"),
    path("family/confirm/<slug:link>/", becoming.confirm, name="confirm"),
    path("family/revoke/<slug:link>/", becoming.revoke, name="revoke"),
    path("family/invite/", becoming.invite, name="invite"),
    path("family/invite/<int:pk>/take-back/", becoming.take_invitation_back, name="invitation_back"),
    path("family/invitation/", becoming.enter_code, name="enter_code"),
    path("family/invitation/<invitation_code:code>/", becoming.invitation, name="invitation"),
    path("family/<child_code:code>/", family.child, name="child"),
    path("family/<child_code:code>/choices/<slug:purpose>/", family.decide, name="decide"),
    path("family/<child_code:code>/choices/<slug:purpose>/<slug:channel>/", family.decide, name="decide_channel"),
    path("family/<child_code:code>/deny-all/", family.deny_all, name="deny_all"),
    path("family/<child_code:code>/wishes/<int:wish>/", family.answer, name="answer"),
    path("family/<child_code:code>/page/", family.preview, name="preview"),
    path("family/<child_code:code>/link/", family.link, name="link"),
    path("family/<child_code:code>/history/", family.record, name="history"),
    path("family/<child_code:code>/receipts/<uuid:receipt>.json", family.receipt, name="receipt"),
    path("family/<child_code:code>/details/", family.details, name="details"),
    path("family/<child_code:code>/resign/", family.resign, name="resign"),
    path("family/<child_code:code>/address/", family.address, name="address"),
    path("family/<child_code:code>/requests/", requests.hub, name="requests"),
    path("family/<child_code:code>/requests/<slug:kind>/", requests.ask, name="request"),
    path("age/", gate.ask, name="gate"),
    path("age/adult/", gate.too_young, name="too_young"),
    path("me/", own.page, name="own"),
    path("me/leave/", own.leave, name="leave"),
    path("me/wishes/", own.wish, name="own_wish"),
    path("me/claim/", own.claim, name="claim"),
    path("me/claim/code/", own.claim_code, name="claim_code"),
    path("me/choices/<slug:purpose>/", own.use, name="own_use"),
    path("me/choices/<slug:purpose>/<slug:channel>/", own.use, name="own_channel"),
    path("me/<child_link:token>/", own.open_link, name="open"),
]
