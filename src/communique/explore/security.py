"""What keeps the explorer to its user: foreign hosts, tokens, sizes, and headers that let a page load nothing else.

A page of another origin must not read the record through the user's browser. Names that lead to this machine (DNS
rebinding) are refused by the Host header; what a page of another origin sends or loads, by the Origin and Sec-Fetch
headers: it may link here, and nothing else. On another address than this machine's own a token is asked for, once by
the address and then by a cookie.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of an address's query: more than any filter has.
LONGEST_QUERY = 4_000
#: Bytes of a form: a text of 100,000 characters, however they are encoded.
LARGEST_BODY = 1_000_000
MOST_FIGURES = 12
TOO_LARGE = f"More than {LARGEST_BODY:,} bytes are not taken.\n"
#: What a WebSocket is closed with: there is none here.
NO_SOCKETS = 1008
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
COOKIE, TOKEN = "communique-token", "token"
SLASHES = "/\\"
READING, WRITING = ("GET", "HEAD"), ("POST",)
#: A Host header: a name or an address, and perhaps a port. Anything else could pass for part of an address's path.
HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9a-z.-]+))(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
#: What a browser opens a link in; frames and plug-ins of another page are none of it.
WINDOW = "document"
#: Styles that Observable Plot 0.6.17 puts into each picture, by their SHA-256; nothing else may stand inline.
PLOT_STYLES = (
    "'sha256-/jg3HOQ97BIOLIR7iXhepLJanBbw11P39q1Ne1E+6Jc='",
    "'sha256-jDiVC/40CgmJNF/eFwbHZljC6m0rHM+bXKodMT6xMok='",
    "'sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww='",
)
HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'", "script-src 'self'", " ".join(("style-src 'self'", *PLOT_STYLES)),
            "img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}  # fmt: skip


class Guard:
    """An ASGI application around another one, which lets through what the user of this explorer asks.

    1. the Host header must name this machine, or the address that the explorer was told to serve;
    2. methods, the query and the body are within limits;
    3. a form comes from a page of ours; another site's page may lead here by a link, and load nothing from here;
    4. where there is a token, the request has it;
    5. every answer has the headers above, those that say that the explorer has failed, too.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] = (), token: str | None = None) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": NO_SOCKETS})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope) or self._entrance(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        if refused is not None:
            await refused(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_ours(_host(headers.get("host", ""))):
            return PlainTextResponse("This explorer is not served under this name.\n", 421)
        if scope["method"] not in (*READING, *WRITING):
            return PlainTextResponse("Only GET, HEAD and POST are known here.\n", 405)
        if len(scope["query_string"]) > LONGEST_QUERY:
            return PlainTextResponse(f"The address has more than {LONGEST_QUERY} characters of filters.\n", 414)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > MOST_FIGURES or int(length) > LARGEST_BODY:
            return PlainTextResponse(TOO_LARGE, 413)
        if scope["method"] in WRITING and not _from_here(headers):
            return PlainTextResponse("A form of another site is not taken.\n", 403)
        if scope["method"] in READING and not _may_read(headers):
            return PlainTextResponse("Another site may link to this explorer, but load nothing from it.\n", 403)
        return None

    def _is_ours(self, host: str) -> bool:
        return host in self._hosts or (self._token is not None and _is_address(host))

    def _entrance(self, scope: Scope) -> Response | None:
        """Ask for the token; one in the address becomes a cookie, and is taken out of the address."""
        if self._token is None:
            return None
        pairs = parse_qsl(scope["query_string"].decode("latin-1"))
        if any(key == TOKEN and self._is_token(value) for key, value in pairs):
            rest = urlencode([pair for pair in pairs if pair[0] != TOKEN])
            path = f"/{scope['path'].lstrip(SLASHES)}"  # with two slashes it would be the address of another host
            answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            answer.set_cookie(COOKIE, self._token or "", httponly=True, samesite="strict")
            return answer
        headers = Headers(scope=scope)
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if self._is_token(_cookie(headers.get("cookie", ""))) or self._is_token(bearer):
            return None
        return PlainTextResponse("Open the address with the token that communique explore has printed.\n", 401)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._token or "").encode())


def _host(header: str) -> str:
    """The name in a Host header, without its port.

    >>> _host("Localhost:8000"), _host("[::1]:80"), _host("a b"), _host("localhost/x")
    ('localhost', '::1', '', '')
    """
    found = HOST.fullmatch(header)
    return (found[1] or found[2]).lower() if found else ""


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    return host.lower() == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    """Names can be made to lead anywhere; numbers can not."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _from_here(headers: Headers) -> bool:
    """Browsers tell where a form was sent from; programs, which no other site can use, tell nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _may_read(headers: Headers) -> bool:
    """What another site's page loads is refused, so that it can't even tell how long we take; its links are not."""
    if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return True
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", WINDOW) == WINDOW


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
