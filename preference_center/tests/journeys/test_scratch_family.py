import os
import pytest
from preference_center.tests.journeys.pages import places_at, NO_PAGE
from preference_center.tests.journeys.test_pages_axe import look as look, report

@pytest.mark.parametrize("language", ["en", "pl"])
def test_family(look, make_world, kingfisher, language, capsys):
    world = make_world(kingfisher, language=language)
    found = {}
    for place in places_at(kingfisher):
        if place.brand != "kingfisher":
            continue
        if os.environ.get("ONLY") and place.name not in os.environ["ONLY"].split(","):
            continue
        try:
            found[place.name] = list(look(place, world, ("kingfisher", language == "pl", 390 if language == "pl" else 1280), language))
        except Exception as error:
            found[place.name] = [f"RAISED {type(error).__name__} {str(error)[:600]}"]
    with capsys.disabled():
        print("\n" + language, len(found), "pages\n" + report(found))
