"""One JSON object on a line for each finding: for streams, `jq` and logs."""

from __future__ import annotations

import json

from keraslint.finding import Report
from keraslint.report import Style
from keraslint.report.json import finding_objects


def render(report: Report, style: Style) -> str:
    """The findings; nothing about them depends on the style."""
    return "".join(json.dumps(finding) + "\n" for finding in finding_objects(report))
