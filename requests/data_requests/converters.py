from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class NumberConverter(StringConverter):
    """R-7K2M-4QXW: the number of a request."""

    regex = r"R-[0-9A-Z]{4}-[0-9A-Z]{4}"


register_converter(NumberConverter, "request_number")
