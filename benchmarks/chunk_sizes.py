"""What prompts of different sizes cost for one change: how often the instructions are repeated, and at what price.

.venv/bin/python benchmarks/chunk_sizes.py REPOSITORY REVISION...

"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REVIEWBOT = str(Path(sys.executable).with_name("reviewbot"))
SIZES = (1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 16_000, 32_000, 122_880)


def main(repository: str, *revisions: str) -> None:
    """Print a table for each revision: prompts, tokens and price at every size."""
    for revision in revisions:
        print(f"\n{revision}\n{'size':>8} {'prompts':>8} {'lines each':>10} {'tokens':>11} {'over':>6} {'price':>22}")
        plans = {size: _plan(repository, revision, size) for size in SIZES}
        least = min(plan["totals"]["input_tokens"] for plan in plans.values())
        for size, plan in plans.items():
            totals = plan["totals"]
            each = totals["changed_lines_reviewed"] / max(totals["requests"], 1)
            over = totals["input_tokens"] / least - 1
            price = f"{float(totals['cost']['least']):.3f} to {float(totals['cost']['most']):.3f}"
            tokens = f"{totals['input_tokens']:>11,} {over:>6.0%}"
            print(f"{size:>8,} {totals['requests']:>8,} {each:>10.0f} {tokens} {price:>22}")
        totals = next(iter(plans.values()))["totals"]
        print(f"{totals['files_reviewed']:,} files, {totals['changed_lines_reviewed']:,} changed lines")


def _plan(repository: str, revision: str, size: int) -> dict[str, Any]:
    command = [REVIEWBOT, "plan", revision, "--chunk-tokens", str(size), "-f", "json"]
    return json.loads(subprocess.run(command, cwd=repository, check=True, capture_output=True).stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
