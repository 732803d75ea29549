"""What every figure finds in its database: the demo, three brands with 6, 12 and 60 purposes, and customers who have decided half.

Everything is played through the product's own actions, in a fixed order, so that every run finds the same.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

SIZES = (6, 12, 60)
WRITERS = 64  # customers of the shop who do nothing but decide
BY = "system:benchmarks"


def main() -> None:
    from accounts.actions import join
    from brands.models import Brand
    from preference_center.demo import story
    from preference_center.demo.cast import LINDEN

    story.play()
    with TemporaryDirectory() as folder:
        for size in SIZES:
            _brand(size, Path(folder))
    shop = Brand.objects.get(key=LINDEN)
    for number in range(WRITERS):
        join(brand=shop, address=writer(number), language="en")


def writer(number: int) -> str:
    return f"writer-{number}@example.com"


def reader(size: int) -> str:
    return f"reader-{size}@example.com"


def _brand(size: int, folder: Path) -> None:
    """A shop with `size` purposes, and a customer who has answered every second question."""
    import brands
    import catalogue
    from accounts.actions import join
    from brands.actions import load_pack as load_brand
    from catalogue.actions import load_pack as load_purposes
    from catalogue.published import published
    from consents.states import Verb
    from preference_center.demo import story

    packs = Path(brands.__file__).parent / "packs"
    pack = yaml.safe_load((packs / "linden.yaml").read_text(encoding="utf-8"))
    pack |= {"key": f"shop-{size}", "name": f"Shop {size}", "logo": {}}
    brand_file, purposes_file = folder / f"brand-{size}.yaml", folder / f"purposes-{size}.yaml"
    brand_file.write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    shop = yaml.safe_load((Path(catalogue.__file__).parent / "packs" / "shop.yaml").read_text(encoding="utf-8"))
    # The pack's purposes in force, in turn, each further round under keys of its own: consent with and without channels, fixed ones.
    plain = [each for each in shop["purposes"] if "in_force_after_days" not in each]
    shop["purposes"] = [
        plain[n % len(plain)] | {"key": f"{plain[n % len(plain)]['key']}{f'-{n // len(plain)}' * (n >= len(plain))}"} for n in range(size)
    ]
    purposes_file.write_text(yaml.safe_dump(shop, allow_unicode=True), encoding="utf-8")
    brand = load_brand(brand_file, host=f"shop-{size}.localhost", by=BY)
    load_purposes(brand, purposes_file, by=BY)
    brand.refresh_from_db()
    customer = join(brand=brand, address=reader(size), language="en")
    asked = [(each.key, channel) for each in published(brand).values() if each.basis == "consent" for channel in each.channels or ("",)]
    for number, (purpose, channel) in enumerate(asked[::2]):
        story.decide(customer, purpose, channel, Verb.ALLOW if number % 2 == 0 else Verb.DENY)


if __name__ == "__main__":
    import django

    django.setup()
    main()
