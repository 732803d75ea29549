from __future__ import annotations

import os
import time

from django.db import connection

from jobs.handlers import Work, handler

# No key: an effect that came twice would be there twice.
TABLE = "CREATE TABLE effects (job integer NOT NULL, process integer NOT NULL)"


@handler("tests.count")
def count(work: Work) -> None:
    time.sleep(0.02)  # as long as a mail server takes to answer
    with work.finishing(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO effects (job, process) VALUES (%s, %s)", [work.id, os.getpid()])
        time.sleep(0.002)  # time to be killed between the write and the commit
