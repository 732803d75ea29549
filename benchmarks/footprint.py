"""How large it is: packages, disk, memory at rest, time to the first answer, bytes of the first view."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.harness import Row
from benchmarks.places import POSTGRESQL, ROOT, SQLITE, Place, Places
from benchmarks.web import free_port

MOST_PACKAGES = 64
MOST_DISK, MOST_MEMORY = 200, 350  # MB
LONGEST_START, LONGEST_MIGRATE = 1.5, 10.0  # seconds
LARGEST_VIEW, LARGEST_SCRIPTS = 50.0, 10.0  # kB
AT_REST = 20.0  # seconds after the first answer
LINK = re.compile(r'<(?:link|script)\b[^>]*? (?:href|src)="(/[^"]+)"')


def rows(made: Places) -> list[Row]:
    return [_packages(), _disk(made.folder), *_migrate(made), *_running(made), _scripts()]


# ── On disk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _packages() -> Row:
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    count = len(re.findall(r"^[A-Za-z0-9._-]+==", locked, re.MULTILINE))
    return Row("packages locked in requirements.txt", "–", str(count), goal=f"≤ {MOST_PACKAGES}", passed=count <= MOST_PACKAGES)


def _disk(folder: Path) -> Row:
    """A fresh environment, installed as tools/setup.sh does it."""
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", str(ROOT / "requirements.txt")]
    command = [str(environment / "bin" / "python"), "-m", "pip", "install", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    size = sum(file.lstat().st_blocks * 512 for file in environment.rglob("*") if not file.is_symlink()) / 1e6
    packages = sum(1 for _ in environment.glob("lib/*/site-packages/*.dist-info"))
    said = f"{size:.0f} MB, {packages} packages, pip itself among them"
    return Row("fresh environment on disk", "–", said, goal=f"≤ {MOST_DISK} MB", passed=size <= MOST_DISK)


def _scripts() -> Row:
    sizes = [len(gzip.compress(file.read_bytes(), 9)) for file in sorted((ROOT / "static").rglob("*.js"))]
    size = sum(sizes) / 1000
    said = f"{size:.1f} kB in {len(sizes)} files"
    return Row("all JavaScript, gzip", "–", said, goal=f"≤ {LARGEST_SCRIPTS:.0f} kB", passed=size <= LARGEST_SCRIPTS)


# ── Running ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _migrate(made: Places) -> Iterator[Row]:
    for database in (SQLITE, POSTGRESQL):
        place = made.empty(database, "empty")
        start = time.perf_counter()
        place.manage("migrate", "--verbosity=0")
        took = time.perf_counter() - start
        made.forget(place)
        yield Row(
            "migrate on an empty database", database, f"{took:.1f} s", goal=f"≤ {LONGEST_MIGRATE:.0f} s", passed=took <= LONGEST_MIGRATE
        )


def _running(made: Places) -> Iterator[Row]:
    """`manage.py up` on a prepared database: two web processes, one worker with its schedule."""
    place = made.seeded(SQLITE, "footprint")
    with up(place):
        pass  # once, so that nothing is compiled while the clock runs
    with up(place) as (port, tree, started):
        yield Row(
            "start of `manage.py up` to the first 200",
            SQLITE,
            f"{started:.2f} s",
            goal=f"≤ {LONGEST_START} s",
            passed=started <= LONGEST_START,
        )
        yield _first_view(place, port)
        time.sleep(AT_REST)
        yield _memory(tree)


def _memory(tree: psutil.Process) -> Row:
    processes = [tree, *tree.children(recursive=True)]
    sizes = [process.memory_full_info().pss / 1e6 for process in processes]
    said = f"{sum(sizes):.0f} MB PSS in {len(sizes)} processes ({', '.join(f'{size:.0f}' for size in sizes)})"
    return Row(
        f"memory of `manage.py up`, {AT_REST:.0f} s at rest", SQLITE, said, goal=f"≤ {MOST_MEMORY} MB", passed=sum(sizes) <= MOST_MEMORY
    )


@contextmanager
def up(place: Place) -> Iterator[tuple[int, psutil.Process, float]]:
    """The port, the supervisor's process, and the seconds to its first 200."""
    port = free_port()
    command = [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=place.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while get(port, "linden.localhost", "/sign-in/")[0] != 200:
                if process.poll() is not None or time.perf_counter() - start > 60:
                    raise RuntimeError("`manage.py up` does not answer")
                time.sleep(0.01)
            yield port, psutil.Process(process.pid), time.perf_counter() - start
        finally:
            process.terminate()


def get(port: int, host: str, path: str, cookie: str = "") -> tuple[int, bytes, str]:
    """Status, body as it came, and its encoding; status 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Host": f"{host}:{port}", "Accept-Encoding": "gzip", "Accept-Language": "en", **({"Cookie": cookie} if cookie else {})}
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("Content-Encoding", "")
    except (OSError, http.client.HTTPException):
        return 0, b"", ""
    finally:
        connection.close()


def _first_view(place: Place, port: int) -> Row:
    """/choices/ of Anna with nothing in the browser's cache: the page, its styles, its icon, its scripts.

    The page itself leaves the server as it is, because a page that mixes secrets with what somebody typed must not be compressed
    carelessly (BREACH); the goal is about what it holds, so it is compressed here.
    """
    cookie = place.run("-m", "benchmarks.cookie").strip()
    status, page, encoding = get(port, "linden.localhost", "/choices/", cookie)
    if status != 200:
        raise RuntimeError(f"/choices/ answered {status}")
    parts = {"page": len(page) if encoding else len(gzip.compress(page, 6))}
    for path in dict.fromkeys(LINK.findall(page.decode())):
        status, body, encoding = get(port, "linden.localhost", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        kind = Path(path).suffix.lstrip(".") or "css"
        parts[kind] = parts.get(kind, 0) + (len(body) if encoding or kind == "png" else len(gzip.compress(body, 6)))
    size = sum(parts.values()) / 1000
    listed = ", ".join(f"{name} {part / 1000:.1f}" for name, part in parts.items())
    said = f"{size:.1f} kB ({listed}); page before gzip {len(page) / 1000:.0f} kB"
    return Row("first view of /choices/, gzip", SQLITE, said, goal=f"≤ {LARGEST_VIEW:.0f} kB", passed=size <= LARGEST_VIEW)
