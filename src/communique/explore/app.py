"""The application: addresses to pages, pages to HTML, JSON and CSV, errors to words for a person."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.metadata import version
from threading import Thread
from typing import Any

import jinja2
import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from communique.errors import CommuniqueError, QueryError, QueryStopped, RecordBusy, RecordError
from communique.explore import (
    article,
    download,
    dyads,
    entities,
    events,
    order,
    review,
    search,
    statements,
    today,
    trial,
    wording,
)
from communique.explore.page import Page, Query, Session, View
from communique.explore.security import LARGEST_BODY, TOO_LARGE, Guard
from communique.record.following import Follower, State
from communique.render.rows import csv_lines

#: Seconds that the questions of one page may take together.
TIME_LIMIT = 20.0
FORMS = ("json", "csv")
#: What the thread is called that remembers what counts most rows, before anybody asks.
WARMED = "warm"
Answering = Callable[[View], Page | Response]

#: Address, and what answers it; each also as ``.json`` and ``.csv``. A page is one line here, a module and a template.
PAGES: tuple[tuple[str, Answering], ...] = (
    ("/today", today.page),
    ("/events", events.page),
    ("/statements", statements.page),
    ("/article/{id:path}", article.page),
    ("/entities", entities.page),
    ("/entity/{id:path}", entities.one),
    ("/dyad/{a}/{b}", dyads.page),
    ("/order", order.page),
    ("/search", search.page),
    ("/search/articles", search.articles),
    ("/search/meaning", search.meaning),
    ("/try", trial.page),
    ("/review", review.page),
)
#: Files that take longer than a page may: a minute for each hundred thousand events.
FILES: tuple[tuple[str, Answering], ...] = (("/download/{form}", download.file),)
FILE_TIME_LIMIT = 300.0
#: What forms that are sent (POST) are answered by.
ACTIONS: tuple[tuple[str, Answering], ...] = (("/try", trial.code), ("/review", review.judge))
#: What stands in the head of each page, where there is such a page.
SECTIONS = (
    ("/", "Today"), ("/events", "Events"), ("/statements", "Statements"), ("/entities", "Actors"), ("/order", "Order"),
    ("/search", "Search"), ("/try", "Try it"), ("/review", "Review"),
)  # fmt: skip
log = logging.getLogger(__name__)


def create_app(
    path: str, *, reviewer: str | None = None, hosts: Iterable[str] = (), token: str | None = None,
    follower: Follower | None = None,
) -> ASGIApp:  # fmt: skip
    """Return the ASGI application for the record at ``path``, which need not be there yet.

    ``reviewer`` is who may judge events and statements; ``hosts`` are names besides this machine's own that it is
    served under, and ``token`` is what every request must then have (see :mod:`communique.explore.security`).
    """
    explorer = _Explorer(follower or Follower(path), Session(path=path, reviewer=reviewer))
    Thread(target=explorer.warm, name=WARMED, daemon=True).start()
    application = Starlette(
        routes=[
            *explorer.routes(),
            Mount("/static", StaticFiles(packages=[("communique.explore", "static")])),
        ],
        exception_handlers={
            HTTPException: explorer.refused,  # type: ignore[dict-item]
            CommuniqueError: explorer.failed,  # type: ignore[dict-item]
            Exception: explorer.broke,
        },
    )
    return Guard(application, hosts=hosts, token=token)  # outside, for Starlette answers what fails outside all others


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises ``OSError`` where it can't. Port 0 takes any that is free.

    It names its protocol: asyncio sends small packets at once only for sockets that do; otherwise a page waits 40 ms.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen()
    return listening


def serve(application: ASGIApp, listening: socket.socket) -> None:
    """Serve on a socket that listens, until Ctrl-C."""
    import uvicorn

    config = uvicorn.Config(application, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


class _Explorer:
    """Answers requests; holds what all of them share."""

    def __init__(self, follower: Follower, session: Session) -> None:
        self._follower = follower
        self._session = session
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("communique.explore"), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters |= wording.FILTERS
        pages = {address for address, _ in PAGES} | {"/"}
        self._templates.globals |= {
            "sections": [one for one in SECTIONS if one[0] in pages and (one[0] != "/review" or session.reviewer)],
            "version": version("communique"),
            "record_path": session.path,
        }

    def warm(self) -> None:
        """Load the atlas and remember what counts most rows, so that the first page need not wait."""
        from communique.actors import Atlas

        Atlas.load()
        with suppress(CommuniqueError), self._follower.reading(limit=TIME_LIMIT) as state:
            state.memory[WARMED] = self
            for answering in (today.page, events.page, statements.page, entities.page, order.page):
                answering(View(state, Query(QueryParams()), self._session))

    def _warm_once(self, state: State) -> None:
        """Warm each new state of the record, once."""
        mine = object()
        if state.memory.setdefault(WARMED, mine) is mine:
            Thread(target=self.warm, name=WARMED, daemon=True).start()

    def routes(self) -> Iterable[BaseRoute]:
        """Every page under its own address and as data beside it; suffixes first, as an id may hold anything."""
        yield Route("/", self._endpoint(today.page, None))
        for address, answering in PAGES:
            for form in (*FORMS, None):
                path = f"{address}.{form}" if form else address
                yield Route(path, self._endpoint(answering, form), methods=["GET"])
        for address, answering in FILES:
            yield Route(address, self._endpoint(answering, None, FILE_TIME_LIMIT), methods=["GET"])
        for address, answering in ACTIONS:
            yield Route(address, self._endpoint(answering, None), methods=["POST"])

    def _endpoint(self, answering: Answering, form: str | None, limit: float = TIME_LIMIT) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            sent = await _sent(request) if request.method == "POST" else None
            query = Query(request.query_params if sent is None else QueryParams(sent))
            return await run_in_threadpool(self._answer, request, query, answering, form, limit)

        return endpoint

    def _answer(self, request: Request, query: Query, answering: Answering, form: str | None, limit: float) -> Response:
        with self._follower.reading(limit=limit) as state:
            self._warm_once(state)
            view = View(state, query, self._session, request.path_params)
            page = answering(view)
            if isinstance(page, Response):
                return page
            return HTMLResponse(self._html(request, page, view)) if form is None else _as_data(page, view, form)

    def _html(self, request: Request, page: Page, view: View) -> str:
        path = request.url.path
        beside = "/today" if path == "/" else path
        return self._templates.get_template(page.template).render(
            {
                **page.values, "page": page, "state": view.state, "query": view.query, "path": path,
                "data": {form: f"{beside}.{form}{view.query.changed()}".rstrip("?") for form in FORMS}
                if page.tables else {}, "reviewer": self._session.reviewer,
            }
        )  # fmt: skip

    def _problem(self, request: Request, status: int, title: str, detail: str, **values: Any) -> Response:
        if request.url.path.endswith(tuple(f".{form}" for form in FORMS)):
            return JSONResponse({"error": detail}, status)
        values = {"status": status, "title": title, "detail": detail, "is_empty": False, "again": None, **values}
        html = self._templates.get_template("problem.html").render(
            {**values, "page": Page("problem.html", title), "state": None, "path": request.url.path, "data": {},
             "reviewer": None}
        )  # fmt: skip
        headers = {"retry-after": str(values["again"])} if values["again"] else {}
        return HTMLResponse(html, status, headers)

    async def refused(self, request: Request, error: HTTPException) -> Response:
        """Say what is wrong with a request."""
        title = {404: "There is no such page", 405: "This can’t be done here"}.get(error.status_code, "Not so")
        return self._problem(request, error.status_code, title, error.detail)

    async def failed(self, request: Request, error: CommuniqueError) -> Response:
        """Say what is wrong with a question or with the record."""
        if isinstance(error, QueryStopped):
            return self._problem(request, 503, "This took too long", error.reason)
        if isinstance(error, QueryError):
            return self._problem(request, 400, "This can’t be asked so", error.reason)
        if isinstance(error, RecordBusy):
            return self._problem(request, 503, "The record is being written", error.reason, again=3)
        if isinstance(error, RecordError):
            return self._problem(request, 503, "There is no record to show", error.reason, is_empty=True)
        return self._problem(request, 500, "Something went wrong", str(error))

    async def broke(self, request: Request, error: Exception) -> Response:
        """Say that the explorer itself has failed, and log where."""
        log.error("%s", request.url.path, exc_info=error)
        return self._problem(request, 500, "Something went wrong", "The explorer has failed; its log says where.")


async def _sent(request: Request) -> str:
    """What a form holds, no more of it than is allowed, whatever length was told."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, TOO_LARGE.strip())
    return body.decode("utf-8", "replace")


def _as_data(page: Page, view: View, form: str) -> Response:
    """The tables of a page as one JSON object, or one of them as CSV: the first, or the one that ``table`` names."""
    if form == "csv":
        name = view.query.text("table") or next(iter(page.tables), "")
        if name not in page.tables:
            raise HTTPException(404, f"This page has the tables {', '.join(page.tables) or 'none'}.")
        answer = page.tables[name]()
        body = b"".join(csv_lines(answer.columns, answer.rows))
        return Response(body, media_type="text/csv; charset=utf-8", headers=_as_file(f"{name}.csv"))
    made: dict[str, Any] = {"title": page.title, "at": view.state.at, "is_behind": view.state.is_behind}
    for name, make in page.tables.items():
        answer = make()
        made[name] = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return Response(msgspec.json.encode(made, enc_hook=str), media_type="application/json")


def _as_file(name: str) -> Mapping[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
