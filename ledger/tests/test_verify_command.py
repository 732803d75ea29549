"""python -m ledger.verify, as somebody runs it who has a receipt, our keys and nothing else of us."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ledger
from ledger.keys import key_set, new_jwk
from ledger.receipts import receipt
from ledger.tests.acts import happened
from ledger.verify import main


@pytest.fixture
def file(anna: str, tmp_path: Path) -> Path:
    (tmp_path / "receipt.json").write_bytes(receipt(happened(anna, "first", "second")[1]))
    (tmp_path / "consent-keys.json").write_text(json.dumps(key_set().as_jwks()))
    return tmp_path / "receipt.json"


def test_it_says_what_is_genuine(file: Path, anna: str, capsys: Any):
    assert main([str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{file}: genuine: entry 2 of {anna}, thing.happened, 2")


def test_it_names_each_file_that_is_not(file: Path, capsys: Any):
    bad = file.with_name("bad.json")
    bad.write_bytes(file.read_bytes() + b"\n")
    assert main([str(bad), str(file), str(file.with_name("none.json")), str(file.parent)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{bad}: refused: not in canonical form"
    assert "genuine" in lines[1]
    assert lines[2] == f"{file.with_name('none.json')}: refused: cannot be read (No such file or directory)"
    assert "refused: " in lines[3]


def test_without_a_key_it_refuses(file: Path, capsys: Any):
    keys = file.with_name("consent-keys.json").rename(file.with_name("elsewhere.json"))
    assert main([str(file)]) == 1
    assert capsys.readouterr().out == f"{file}: refused: no key\n"
    assert main([str(file), "--keys", str(keys)]) == 0
    keys.write_text(json.dumps({"keys": [new_jwk()]}))
    assert main([str(file), "--keys", str(keys)]) == 1
    assert "no key of that id" in capsys.readouterr().out
    keys.write_text("{}")
    assert main([str(file), "--keys", str(keys)]) == 1
    assert "refused: the keys are not a JWK set" in capsys.readouterr().out


def test_it_runs_without_django_and_without_the_rest_of_us(file: Path, tmp_path: Path):
    alone = tmp_path / "alone" / "ledger"
    alone.mkdir(parents=True)
    for name in ("__init__.py", "canonical.py", "verify.py"):
        shutil.copy(Path(ledger.__file__).parent / name, alone)
    (alone.parent / "sitecustomize.py").write_text("import sys\nsys.modules['django'] = None\n")
    environment = {"PYTHONPATH": str(alone.parent), "PATH": "/usr/bin:/bin"}

    def ran(*arguments: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, *arguments], cwd=alone.parent, env=environment, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    assert ran("-c", "import django")[0] == 1
    assert ran("-m", "ledger.verify", str(file)) == (0, main_says(file))
    file.write_bytes(file.read_bytes()[:-1])
    assert ran("-m", "ledger.verify", str(file)) == (1, f"{file}: refused: not JSON in UTF-8\n")
    assert ran("-m", "ledger.verify")[0] == 2


def test_it_ends_with_the_status(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["verify", str(file)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(Path(ledger.__file__).parent / "verify.py"), run_name="__main__")
    assert ended.value.code == 0


def main_says(file: Path) -> str:
    said = json.loads(file.read_bytes())["payload"]
    return f"{file}: genuine: entry 2 of {said['subject']}, thing.happened, {said['recorded_at']}\n"
