"""The catalogue on the desk. Registered nowhere here: the desk puts these classes on its own site.

What was published is shown, never edited; a draft is edited and published through the actions, which say what is in the way.
Every list starts at the brand of the request.
"""

from __future__ import annotations

from typing import Any

from catalogue.admin.of_brand import OfBrand
from catalogue.admin.policies import PolicyAdmin, PolicyVersionAdmin
from catalogue.admin.purposes import (
    DataCategoryAdmin,
    PurposeAdmin,
    PurposeVersionAdmin,
    RecipientAdmin,
    SafeguardAdmin,
    SourceAdmin,
)
from catalogue.models import DataCategory, Policy, PolicyVersion, Purpose, PurposeVersion, Recipient, Safeguard, Source

ADMINS: tuple[tuple[type[Any], type[OfBrand]], ...] = (
    (Purpose, PurposeAdmin),
    (PurposeVersion, PurposeVersionAdmin),
    (Policy, PolicyAdmin),
    (PolicyVersion, PolicyVersionAdmin),
    (DataCategory, DataCategoryAdmin),
    (Source, SourceAdmin),
    (Recipient, RecipientAdmin),
    (Safeguard, SafeguardAdmin),
)
