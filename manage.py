#!/usr/bin/env python
from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preference_center.settings")
    from django.core.management import execute_from_command_line

    import preference_center  # noqa: F401  (puts the second source root on the path before Django looks for apps)

    execute_from_command_line(sys.argv)
