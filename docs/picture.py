"""Make docs/demo.svg: run `reviewbot demo` and draw what it prints.

.venv/bin/python docs/picture.py

"""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 88


def main() -> None:
    """Run the demo and write the picture beside this file."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    command = [sys.executable, "-m", "reviewbot", "demo"]
    shown = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout.decode()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown))
    drawn = console.export_svg(title="reviewbot demo")
    # The picture stands alone: whatever monospaced font there is will do.
    drawn = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
