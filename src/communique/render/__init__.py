"""Reports to what goes out: JSON for programs, colour for a person.

These stand apart from ``cli`` because the record, the explorer and a cluster job need the same JSON, and apart
from ``model`` because the model knows nothing of how it is shown.
"""

from communique.render.contract import report_from_json, report_to_json, statement_to_json

__all__ = ["report_from_json", "report_to_json", "statement_to_json"]
