"""Draw docs/picture.svg, the README's picture: a coded sample as a terminal shows it. Run from the root."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from communique import Article, Coder
from communique.articles import read_sources
from communique.config import load_settings
from communique.render.terminal import ReportView

SAMPLE = "samples/summit.html"
WIDTH = 100
#: rich names a font on a server; a picture in a repository should ask nobody.
REMOTE_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)

if __name__ == "__main__":
    settings = load_settings()
    (article,) = read_sources([SAMPLE], settings=settings)
    assert isinstance(article, Article), article
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(ReportView(Coder().code(article), settings.terminal))
    svg = REMOTE_FONT.sub("", console.export_svg(title=f"communique code {SAMPLE}"))
    Path("docs/picture.svg").write_text(svg, "utf-8")
