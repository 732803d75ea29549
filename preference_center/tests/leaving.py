"""People who take back their yes to the newsletter, one after another, each written down once it is committed: python -m … COUNT LOG"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django


def main(count: int, log: Path) -> None:
    from accounts.models import Customer
    from consents import actions
    from consents.saying import Said
    from consents.states import How, Verb, Where

    people = list(Customer.objects.select_related("brand").order_by("?")[:count])
    with log.open("a", encoding="ascii") as file:
        for each in people:
            said = Said(f"link:{each.subject}", each.subject, How.LINK, Where.LINK, "IV1")
            assert actions.say(each, "news", "email", Verb.DENY, said).saved
            file.write(f"{each.pk} {time.time():.6f}\n")
            file.flush()


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), Path(sys.argv[2]))
