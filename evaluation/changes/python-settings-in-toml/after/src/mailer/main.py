"""Entry point: reads jobs from standard input and sends them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mailer.sender import Sender
from mailer.settings import BadSettings, load

DEFAULT = Path("/etc/mailer/mailer.toml")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", type=Path, default=DEFAULT)
    args = parser.parse_args()
    try:
        settings = load(args.settings)
    except BadSettings as error:
        print(error, file=sys.stderr)
        return 2
    with Sender(settings) as sender:
        for line in sys.stdin:
            sender.send_job(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
