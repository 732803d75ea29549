"""One figure in the place that the environment names: python -m benchmarks.one FIGURE OPTIONS. Prints its rows as JSON."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict

import django

from benchmarks.options import Options

if __name__ == "__main__":
    django.setup()
    name, options = sys.argv[1], Options(**json.loads(sys.argv[2]))
    found = importlib.import_module(f"benchmarks.{name}").rows(options)
    sys.stdout.write(json.dumps([asdict(row) for row in found]) + "\n")
