"""The explorer's JSON is as its description says, whatever is asked: schemathesis makes up the questions.

``EXAMPLES`` in the environment says how many for each address (otherwise a few).
"""

from __future__ import annotations

import json
import os
from importlib.resources import files
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import content_type_conformance, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from communique.explore.app import PAGES

EXAMPLES = int(os.environ.get("EXAMPLES", "10"))
#: Pages that have no table.
FORMS = ("/try", "/review")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


DESCRIPTION = json.loads((files("communique.explore") / "static" / "openapi.json").read_text("utf-8"))
schema = schemathesis.openapi.from_dict(DESCRIPTION)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_answers_are_as_described(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address, checks=CHECKS)


def test_every_page_with_data_is_described() -> None:
    pages = {address.replace(":path}", "}") for address, _ in PAGES if address not in FORMS}
    assert set(DESCRIPTION["paths"]) == {f"{page}.json" for page in pages}
