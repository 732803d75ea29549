from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Customer
from brands.models import Brand
from guardians.tests.families import a_child, adult, tied


@pytest.fixture(autouse=True)
def mail_to_files(settings: Any, tmp_path: Any) -> None:
    settings.CELERY_BROKER_URL = ""
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


@pytest.fixture
def marta(kingfisher: Brand) -> Customer:
    return adult(kingfisher, "Marta")


@pytest.fixture
def pawel(kingfisher: Brand) -> Customer:
    return adult(kingfisher, "Paweł".replace("ł", "l"), "pl")


@pytest.fixture
def zosia(marta: Customer) -> Customer:
    """Eleven, and Marta's."""
    return a_child(marta)


@pytest.fixture
def both(zosia: Customer, pawel: Customer) -> Customer:
    """Zosia, and both of her parents decide."""
    tied(pawel, zosia)
    return zosia
