"""One JSON object on a line for each finding: for streams, `jq` and logs.

Behind the findings stands a line for everything that was not checked: an object with the one key `not_checked`.
"""

from __future__ import annotations

import json

from keraslint.finding import Report
from keraslint.report import Style
from keraslint.report.json import finding_objects, gap_objects


def render(report: Report, style: Style) -> str:
    """The findings, then the gaps; nothing about them depends on the style."""
    lines = [*finding_objects(report), *({"not_checked": gap} for gap in gap_objects(report))]
    return "".join(json.dumps(line) + "\n" for line in lines)
