"""Adds what one run of a fuzz target did to COUNTS.md: count.py TARGET LOG."""

import datetime
import pathlib
import re
import sys

ASKED = {"deployments": 100_000, "check": 100_000}
HEAD = """# What the fuzz targets have run

`.ci/long fuzz SECONDS [TARGET …]` runs them and adds to this file. The tests replay `seeds/` and `findings/`; what is in
`open/` is not mended yet.

| target | executions | asked for | runs | last run | findings |
| --- | ---: | ---: | ---: | --- | ---: |
"""


def main():
    target, log = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(errors="replace")
    here = pathlib.Path(__file__).parent
    counts = here / "COUNTS.md"
    rows = {}
    for line in counts.read_text().splitlines() if counts.exists() else []:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[1].replace(",", "").isdigit():
            rows[cells[0]] = (int(cells[1].replace(",", "")), int(cells[3]), cells[4])
    found = re.findall(r"stat::number_of_executed_units:\s*(\d+)", log) or re.findall(r"^#(\d+)\s", log, re.M)
    done = int(found[-1]) if found else 0
    before, runs, _ = rows.get(target, (0, 0, ""))
    rows[target] = (before + done, runs + 1, datetime.date.today().isoformat())
    text = HEAD
    for name, (executions, runs, last) in sorted(rows.items()):
        findings = here / "findings" / name
        kept = len(list(findings.iterdir())) if findings.is_dir() else 0
        text += f"| {name} | {executions:,} | {ASKED.get(name, 5_000_000):,} | {runs} | {last} | {kept} |\n"
    counts.write_text(text)
    print(f"{target}: {done:,} executions, {rows[target][0]:,} so far")


main()
