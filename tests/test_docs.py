"""Every command and every Python example in the docs runs."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/tutorial.md", "docs/how-to.md", "docs/how-to/scale.md")
CONSOLE_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROMPT = "$ "


def commands() -> list[str]:
    """One script for each block, so that its lines can build on each other."""
    blocks = [block for page in PAGES for block in CONSOLE_BLOCK.findall((ROOT / page).read_text("utf-8"))]
    lines = [[line.removeprefix(PROMPT) for line in block.splitlines() if line.startswith(PROMPT)] for block in blocks]
    return ["\n".join(block) for block in lines]


@pytest.mark.parametrize("script", commands())
def test_command(script: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES)
def test_python_examples(page: str) -> None:
    examples = "\n".join(PYTHON_BLOCK.findall((ROOT / page).read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(examples, {}, page, page, 0)
    report: list[str] = []
    result = doctest.DocTestRunner().run(test, out=report.append)
    assert result.failed == 0, "".join(report)
