"""Imports over the API: whose key may send a file, see what became of it, and have it carried out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from jobs.actions import run_due
from ledger.models import Entry
from propagation import actions
from propagation.api import keys
from propagation.models import Import, KeyUse, Partner
from propagation.tests.calling import Api
from propagation.tests.conftest import BY, key_of, partner_of
from propagation.tests.files import committed, is_here, no, objects, stands, table, yes

pytestmark = pytest.mark.django_db
FILE = table(yes("a@example.com"), no("b@example.com", "recs"), yes("c@example.com", wording=""))
WRITE = "imports:write"


@pytest.fixture(autouse=True)
def no_brand_of_another_test() -> None:
    """SQLite gives the row of a brand that was rolled back to the next."""
    keys._brands.clear()


def another(partner: Partner, *verbs: str, purposes: tuple[str, ...] = ("*",)) -> Api:
    return Api(Client(headers={"host": partner.brand.host}), key_of(partner, *verbs, purposes=purposes)[1])


def upload(api: Api, content: bytes = FILE, **more: Any) -> dict[str, Any]:
    with committed():
        response = api.upload(content, **more)
        assert response.status_code == 202, response.content
        run_due()
    found: dict[str, Any] = response.json()
    return found


def problem(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def apply(api: Api, number: str) -> Any:
    with committed():
        response = api.post(f"/imports/{number}/apply", {})
        run_due()
    return response


def test_look_report_and_import(api: Api, linden: Brand) -> None:
    answer = upload(api)
    assert (answer["state"], answer["dry"], answer["error"]) == ("waiting", True, None)
    assert answer["status"].endswith(f"/api/v1/imports/{answer['id']}")
    assert answer["status"].startswith(f"http://{linden.host}/")
    looked = api.get(f"/imports/{answer['id']}").json()
    assert (looked["state"], looked["lines"], looked["counts"]) == ("dry", 3, {"applied": 2, "unproven": 1})
    assert not is_here(linden, "a@example.com")
    lines = api.lines(f"/imports/{answer['id']}/report")
    assert lines[0] == {"line": 2, "outcome": "applied", "why": ""}
    assert lines[2]["why"] == "lacks wording; nobody here is called so"
    assert apply(api, answer["id"]).json()["state"] == "waiting"
    assert api.get(f"/imports/{answer['id']}").json()["state"] == "done"
    assert api.lines(f"/imports/{answer['id']}/report") == lines
    assert stands(linden, "a@example.com") == {("ads", ""): "granted"}
    assert apply(api, answer["id"]).json()["state"] == "done"


def test_at_once_and_as_objects(api: Api, linden: Brand) -> None:
    upload(api, objects(no("a@example.com")), kind="application/x-ndjson", dry_run="false")
    assert stands(linden, "a@example.com") == {("ads", ""): "refused"}


def test_whose_key_began_it_is_in_the_ledger_and_in_the_use(api: Api, linden: Brand, crm: Partner) -> None:
    answer = upload(api)
    key = crm.keys.get()
    entry = Entry.objects.of(linden.subject).get(kind="import.begun")
    assert (entry.actor, entry.act["number"], entry.act["dry"]) == (f"partner:{key.number}", answer["id"], True)
    assert KeyUse.objects.get(key=key, verb=WRITE).calls == 1


def test_the_same_file_again_is_the_same_import(api: Api, crm: Partner) -> None:
    first = upload(api)
    assert upload(api)["id"] == first["id"]
    assert upload(another(crm))["id"] == first["id"]  # with another key of the same partner
    assert upload(api, dry_run="false")["id"] != first["id"]


def test_another_partner_finds_nothing_of_it(api: Api, lumera: Partner) -> None:
    mine = upload(api)
    theirs = another(lumera)
    for path in (f"/imports/{mine['id']}", f"/imports/{mine['id']}/report"):
        assert problem(theirs.get(path)) == (404, "not-found")
    assert problem(apply(theirs, mine["id"])) == (404, "not-found")
    assert Import.objects.get().state == "dry"


def test_another_partner_with_the_same_file_has_an_import_of_its_own(api: Api, lumera: Partner) -> None:
    """Nor does it learn that somebody sent it before."""
    mine, theirs = upload(api), another(lumera)
    own = upload(theirs)
    assert own["id"] != mine["id"]
    assert (own["state"], own["counts"]) == ("waiting", {})
    assert theirs.get(f"/imports/{own['id']}").json()["state"] == "dry"


def test_a_key_of_another_brand_or_a_withdrawn_one_opens_nothing(api: Api, kingfisher: Brand, crm: Partner) -> None:
    mine = upload(api)
    elsewhere = another(partner_of(kingfisher, "club-list"))
    assert problem(elsewhere.get(f"/imports/{mine['id']}")) == (404, "not-found")
    elsewhere.client = Client(headers={"host": crm.brand.host})
    assert problem(elsewhere.upload(FILE)) == (401, "bad-key")
    actions.revoke_key(crm.keys.get(), by=BY)
    assert problem(api.upload(FILE)) == (401, "bad-key")
    assert problem(api.get(f"/imports/{mine['id']}")) == (401, "bad-key")


def test_it_needs_the_verb(crm: Partner) -> None:
    api = another(crm, "choices:raise", "choices:reduce", "export:read", "people:write")
    assert problem(api.upload(FILE)) == (403, "not-in-scope")
    assert problem(api.get("/imports/00000000-0000-0000-0000-000000000000")) == (403, "not-in-scope")
    assert not Import.objects.exists()


def test_a_key_for_one_purpose_imports_nothing_about_another(crm: Partner, linden: Brand) -> None:
    api = another(crm, WRITE, purposes=("ads",))
    assert problem(api.upload(FILE)) == (403, "not-in-scope")
    assert problem(api.upload(FILE, purpose="recs")) == (403, "not-in-scope")
    answer = upload(api, purpose="ads", dry_run="false")
    assert api.get(f"/imports/{answer['id']}").json()["counts"] == {"applied": 1, "refused": 1, "unproven": 1}
    assert not is_here(linden, "b@example.com")


def test_a_key_for_one_purpose_carries_out_no_look_at_all_purposes(api: Api, crm: Partner) -> None:
    look = upload(api)
    assert problem(apply(another(crm, WRITE, purposes=("ads",)), look["id"])) == (403, "not-in-scope")


FIT_NOTHING: list[tuple[dict[str, str], tuple[int, str]]] = [
    ({"preset": "nothing"}, (422, "invalid")), ({"preset": "../x"}, (422, "invalid")), ({"preset": "klaviyo"}, (422, "invalid")),
    ({"preset": "mailchimp", "purpose": "news", "status": "x"}, (422, "invalid")), ({"purpose": "nothing"}, (422, "invalid")),
    ({"language": "fr"}, (422, "invalid")), ({"kind": "application/json"}, (415, "media-type")),
    ({"kind": "application/octet-stream"}, (415, "media-type")),
]  # fmt: skip


def test_calls_that_fit_nothing(api: Api) -> None:
    for query, code in FIT_NOTHING:
        assert problem(api.upload(FILE, **query)) == code
    assert not Import.objects.exists()


def test_what_failed_says_so_and_is_not_carried_out(api: Api, linden: Brand) -> None:
    answer = upload(api, FILE.decode().encode("utf-16"))
    found = api.get(f"/imports/{answer['id']}").json()
    assert (found["state"], found["error"]) == ("failed", "the file is UTF-16: save it as UTF-8")
    assert problem(apply(api, answer["id"])) == (409, "conflict")
    assert not Customer.objects.at(linden).exists()


def test_what_is_not_worked_on_yet_is_not_carried_out(api: Api) -> None:
    answer = api.upload(FILE).json()
    assert problem(api.post(f"/imports/{answer['id']}/apply", {})) == (409, "conflict")
