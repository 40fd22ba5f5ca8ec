"""The process of one trial: `python -m framework.sweep.child <sweep folder> <trial id>`."""

from __future__ import annotations

import sys
from pathlib import Path

from framework.config.report import print_screen
from framework.errors import FrameworkError
from framework.sweep.isolated import run_frozen


def main() -> int:
    try:
        return run_frozen(Path(sys.argv[1]), sys.argv[2])
    except FrameworkError as error:
        print_screen(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
