from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from preference_center import errors
from preference_center.desk.site import desk
from preference_center.health import healthz
from preference_center.metrics import metrics
from propagation.api.root import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("preference_center.home.urls")),
    path("", include("accounts.urls")),
    path("", include("catalogue.urls")),
    path("", include("consents.urls")),
    path("", include("notifications.urls")),
    path("", include("guardians.urls")),
    path("", include("profiles.urls")),
    path("requests/", include("data_requests.urls")),
    path("", include("brands.urls")),
    path("api/v1/", include("propagation.urls")),
    path("api/v1/", api.urls),
    path(".well-known/", include("preference_center.well_known")),
    path("healthz/", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),  # without a slash, as everybody who scrapes expects it
    path("desk/", desk.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("preference_center.demo.urls")))
if "anymail" in settings.INSTALLED_APPS:
    urlpatterns.append(path("hooks/anymail/", include("anymail.urls")))

handler400, handler403, handler404, handler500 = errors.bad_request, errors.forbidden, errors.not_found, errors.server_error
