from __future__ import annotations

import re

from django.test import Client

from brands.actions import restyle
from brands.models import Brand


def address(visitor: Client) -> str:
    found = re.search(r"/brand/[a-z]+-[0-9a-f]{8}\.css", visitor.get("/plain/").content.decode())
    assert found
    return found.group(0)


def test_a_page_loads_two_stylesheets_and_no_more(visitor: Client):
    page = visitor.get("/plain/").content.decode()
    assert len(re.findall(r'rel="stylesheet"', page)) == 2
    assert not re.search(r"<style|style=|<script|\son[a-z]+=|data:", page)


def test_it_carries_the_brands_tokens(visitor: Client):
    response = visitor.get(address(visitor))
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--brand: #1f5547;" in response.content.decode()


def test_it_is_not_sent_twice_to_who_has_it(visitor: Client):
    url = address(visitor)
    again = visitor.get(url, headers={"if-none-match": visitor.get(url)["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_new_look_has_a_new_address_and_the_old_one_is_not_kept(linden: Brand, visitor: Client):
    old = address(visitor)
    restyle(linden, theme_values={"radius": "9px"}, by="system:tests")
    assert address(visitor) != old
    response = visitor.get(old)
    assert "--radius: 9px;" in response.content.decode()
    assert response["Cache-Control"] == "no-cache"


def test_it_is_not_served_at_another_brands_host(visitor: Client, kingfisher: Brand):
    assert Client(headers={"host": kingfisher.host}).get(address(visitor)).status_code == 404
