from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter

WITHOUT_ACCOUNT, FOR_SOMEBODY_ELSE = "without-account", "for-somebody-else"


class NumberConverter(StringConverter):
    """R-7K2M-4QXW: the number of a request."""

    regex = r"R-[0-9A-Z]{4}-[0-9A-Z]{4}"


class AskerConverter(StringConverter):
    """Who asks without a sign-in."""

    regex = f"{WITHOUT_ACCOUNT}|{FOR_SOMEBODY_ELSE}"


register_converter(NumberConverter, "request_number")
register_converter(AskerConverter, "asker")
