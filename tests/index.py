"""The tables of rules in README.md and rules/README.md, made from the rules themselves.

`python -m tests.index` says whether they are up to date, `python -m tests.index --write` brings them up to date. A test
asks the same, so no table can be forgotten.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from keraslint.registry import AnyRule, installed

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("README.md", "rules/README.md")
BETWEEN = re.compile(r"(<!-- rules:start -->\n).*?(<!-- rules:end -->)", re.S)


def row(rule: AnyRule, folder: str) -> str:
    module = f"{folder}{rule.name.replace('-', '_')}.py"
    needs = " *(with `--probe`)*" if rule.measured else ""
    return f"| [`{rule.name}`]({module}) | {rule.severity} | {rule.page.title}{needs} |"


def table(name: str) -> str:
    """The table for one of the files: each rule links to its module, where its page stands."""
    folder = "keraslint_rules/" if name.startswith("rules/") else "rules/keraslint_rules/"
    return "\n".join(["| rule | severity | |", "|---|---|---|", *(row(rule, folder) for rule in installed())]) + "\n"


def renewed(name: str) -> str:
    """The text of the file with its table made anew."""
    text = (ROOT / name).read_text(encoding="utf-8")
    made, count = BETWEEN.subn(lambda match: match[1] + table(name) + match[2], text)
    if count != 1:
        raise SystemExit(f"{name}: {count} tables between `<!-- rules:start -->` and `<!-- rules:end -->`, not one")
    return made


def outdated() -> list[str]:
    """The files whose table is not what the rules say."""
    return [name for name in TABLES if renewed(name) != (ROOT / name).read_text(encoding="utf-8")]


def main(arguments: list[str]) -> int:
    """Write or compare; the exit status is 1 when something is out of date and was not written."""
    stale = outdated()
    if arguments == ["--write"]:
        for name in stale:
            (ROOT / name).write_text(renewed(name), encoding="utf-8")
            print(f"{name}: written")
        return 0
    for name in stale:
        print(f"{name}: out of date, run `python -m tests.index --write`")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
