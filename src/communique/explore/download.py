"""Download: the events that filters choose, in the forms that other tools read."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from communique.explore.events import asked
from communique.explore.page import View, not_found
from communique.record import FORMATS, export
from communique.record.queries import Asked

ENDINGS = {
    "plover": "jsonl", "polecat": "tsv", "icews": "tab", "phoenix": "tsv", "gdelt": "tsv", "csv": "csv",
    "parquet": "parquet", "graphml": "graphml", "gexf": "gexf", "training": "jsonl",
}  # fmt: skip
#: Forms that are several files, and come as a ZIP archive.
FOLDERS = ("brat", "label-studio")


def file(view: View) -> FileResponse:
    """Return a file with all events that the address asks for; written whole first, deleted once it is sent."""
    form = next((one for one in FORMATS if one == view.path["form"]), None)
    if form is None:
        raise not_found(f"There is no format {view.path['form']!r}; there are {', '.join(FORMATS)}.")
    folder = Path(tempfile.mkdtemp(prefix="communique-"))
    try:
        made = folder / "made"
        made.mkdir()
        name = f"events.{ENDINGS.get(form, 'json')}"
        wanted = _articles(view) if form in FOLDERS else asked(view)
        export(view.record, form, str(made if form == "brat" else made / name), wanted)
        path = _archive(made, folder / f"{form}.zip") if form in FOLDERS else made / name
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(path, filename=path.name, background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True))


def _articles(view: View) -> Asked:
    """The articles in which the events are; an id that none has where there are no events."""
    question = view.record.events_question(asked(view))
    answer = view.record.answer_sql(f"SELECT DISTINCT article_id FROM ({question.sql})", question.values)
    return {"id": [row[0] for row in answer.rows] or [""]}


def _archive(made: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(made.iterdir()):
            archive.write(one, one.name)
    return path
