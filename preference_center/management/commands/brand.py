from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import brands
import catalogue
import profiles
from brands.actions import change_identity
from brands.actions import load_pack as load_brand
from brands.models import Brand
from catalogue.actions import load_pack as load_purposes
from catalogue.actions import load_policy
from catalogue.problems import Refused
from profiles.actions import load_questions

BY = "system:operator"
STARTERS = {"shop": ("linden", "shop"), "club": ("kingfisher", "club")}
BRAND, PURPOSES, POLICY, QUESTIONS = "brand.yaml", "purposes.yaml", "policy.yaml", "questions.yaml"


class OnlyAsked(Exception):
    """Nothing stays of what was tried."""


class Command(BaseCommand):
    help = "A brand from files: `begin` copies a starter pack into a folder to put your own words in; `open` makes the brand of it."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        begin = verbs.add_parser("begin", help="copy a starter pack into a new folder")
        begin.add_argument("folder", type=Path)
        begin.add_argument("--like", choices=sorted(STARTERS), default="shop", help="a shop for adults, or a club with children")
        begin.add_argument("--key", required=True, help="a short name of the brand; it stays as it is")
        opened = verbs.add_parser("open", help="make the brand of that folder, or bring it to what the files say")
        opened.add_argument("folder", type=Path)
        opened.add_argument("--host", required=True, help="where its center answers, such as privacy.example.com")
        opened.add_argument("--move", action="store_true", help="a brand of this key that answers elsewhere is to answer here")
        opened.add_argument("--check", action="store_true", help="try all of it and keep nothing")
        desk = verbs.add_parser("desk", help="say where a brand's desk answers, such as when nobody reaches it any more")
        desk.add_argument("key")
        desk.add_argument("--host", default="", help="its own host; left out, beside the center again")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "begin":
            self._begin(options["folder"], like=options["like"], key=options["key"])
        elif verb == "open":
            self._open(options["folder"], host=options["host"], check=options["check"], move=options["move"])
        else:
            self._desk(options["key"], options["host"])

    def _begin(self, folder: Path, *, like: str, key: str) -> None:
        if folder.exists():
            raise CommandError(f"{folder} is there already.")
        look, words = STARTERS[like]
        looks, texts = (Path(app.__file__ or "").parent / "packs" for app in (brands, catalogue))
        questions = Path(profiles.__file__ or "").parent / "packs" / f"{words}.yaml"
        folder.mkdir(parents=True)
        text = (looks / f"{look}.yaml").read_text(encoding="utf-8")
        (folder / BRAND).write_text(text.replace(f"key: {look}", f"key: {key}", 1), encoding="utf-8")
        for logo in yaml.safe_load(text)["logo"].values():
            shutil.copy(looks / logo, folder / logo)
        shutil.copy(texts / f"{words}.yaml", folder / PURPOSES)
        shutil.copy(texts / f"policy-{words}.yaml", folder / POLICY)
        if questions.exists():
            shutil.copy(questions, folder / QUESTIONS)
        self.stdout.write(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
        self.stdout.write("Put your own words in, then: manage.py brand open with --check, and without it.")

    def _desk(self, key: str, host: str) -> None:
        found = Brand.objects.filter(key=key).first()
        if found is None:
            raise CommandError(f"There is no brand {key}.")
        try:
            change_identity(found, details={"desk_host": host}, by=BY)
        except ValidationError as refused:
            raise CommandError("\n".join(refused.messages)) from None
        self.stdout.write(f"The desk of {key} answers at {host or found.host}.")

    def _open(self, folder: Path, *, host: str, check: bool, move: bool) -> None:
        """All of it or nothing: a brand that is half there would answer at its host."""
        try:
            with transaction.atomic():
                told = self._told(folder, host, move=move)
                if check:
                    raise OnlyAsked
        except OnlyAsked:
            self.stdout.write(f"{told} Nothing was kept: this was a check.")
        except ValidationError as refused:
            raise CommandError("\n".join(refused.messages)) from None
        except Refused as refused:
            raise CommandError("\n".join(str(problem) for problem in refused.problems)) from None
        except FileNotFoundError as missing:
            raise CommandError(f"{missing.filename} is not there.") from None
        except (yaml.YAMLError, KeyError, TypeError) as broken:
            raise CommandError(f"A file is not what it should be: {broken}") from broken  # --traceback shows where
        else:
            self.stdout.write(told)
            self.stdout.write("Next: the first two officers, with manage.py appoint.")

    def _told(self, folder: Path, host: str, *, move: bool) -> str:
        key = yaml.safe_load((folder / BRAND).read_text(encoding="utf-8"))["key"]
        known = Brand.objects.filter(key=key).first()
        if known is not None and known.host != host and not move:
            raise CommandError(f"There is a brand {key} at {known.host}: with --move it answers at {host} instead.")
        brand = load_brand(folder / BRAND, host=host, by=BY)
        load_purposes(brand, folder / PURPOSES, by=BY)
        brand.refresh_from_db()
        load_policy(brand, folder / POLICY, by=BY)
        if (folder / QUESTIONS).exists():
            load_questions(brand, folder / QUESTIONS, by=BY)
        counts = f"purposes {brand.purposes.count()}, policies {brand.policies.count()}, questions {brand.questions.count()}"
        return f"{'Brought up to date' if known else 'New'}: {brand.name} ({brand.key}) at {brand.host}: {counts}."
