from __future__ import annotations

from django.urls import path

from profiles.views import by_link, prompts, told

app_name = "profiles"
urlpatterns = [
    path("prompts/answer/<str:token>/", by_link.page, name="by_link"),
    path("prompts/look.css", by_link.look, name="look"),
    path("prompts/<slug:question>/", prompts.page, name="prompt"),
    path("prompts/<slug:question>/again/", prompts.again, name="again"),
    path("what-you-told-us/", told.page, name="told"),
    path("what-you-told-us/undo/", told.undo, name="undo"),
    path("what-you-told-us/unused/", told.delete_unused, name="delete_unused"),
    path("what-you-told-us/download/", told.download, name="download"),
    path("what-you-told-us/<slug:question>/", told.one, name="one"),
    path("what-you-told-us/<slug:question>/delete/", told.delete, name="delete"),
]
