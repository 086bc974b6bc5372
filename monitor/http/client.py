"""The HTTP client: how a publisher is asked, so that nothing it answers can hurt us.

The one module that knows requests. It uses the adapter of requests (connections, pools, TLS) and none of its session,
whose habits are the wrong ones here: it follows redirects itself and inflates their bodies, carries `X-Api-Key` to
other origins, keeps cookies, and takes proxies and passwords from the environment.
"""

from __future__ import annotations

import http.client
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from domain.coded_text import Param, phrase
from domain.errors import Changed, Refused, SourceError, Unavailable
from domain.ports import Clock
from domain.sources import Request, Response
from monitor.http.addresses import RequestTarget, normalize_hosts, parse_target, redirect_target
from monitor.http.connection import GuardedPool, GuardedTlsPool, ResolveName, SafeConnector, current_call
from monitor.http.responses import BrokenBody, UnwantedBody, error_for_content, error_for_status, read_body
from monitor.service.logs import log_event
from notifications.translation import coded_error

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_CREDENTIALS = frozenset({"accept", "accept-language", "cache-control", "content-type", "pragma", "user-agent"})
"""Headers of a watcher that are no credential. All others stay with the origin they were meant for."""

_SET_BY_US = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_CHUNK = 64 * 1024
_POOLED = 4  # idle connections kept for one host
_ERROR_BODY = 256 * 1024
_BODYLESS = frozenset({204, 205, 304})
_SAFE = frozenset({"GET", "HEAD"})
_PERMANENT = frozenset({301, 308})
_MAX_HOSTS = 4096
_MAX_REDIRECT_LINES = 200
_VALIDATORS = frozenset({"if-none-match", "if-modified-since"})
# The errors of requests are OSErrors; http.client lets a ValueError through for a chunk of negative size.
_TRANSPORT_ERRORS = (HTTPError, http.client.HTTPException, OSError, ValueError)

log = logging.getLogger("lexwatch")
for _name in ("connectionpool", "connection", "response", "util.retry", "poolmanager"):
    # urllib3 logs whole URLs, with the keys in their queries; what there is to say is in our errors.
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _: False)

OnRedirect = Callable[[str, str, int], None]
"""Called with the address asked, the address it leads to and the status; 301 and 308 say "for good". The addresses
are whole, queries included: not for a log."""


class HttpClient:
    """Asks publishers: an `Http` of `domain.ports`, safe to share between threads.

    `deadline` is the seconds one call may take from resolving the name to the last byte, all redirects included;
    `spacing` the seconds between two calls to one host, waited before the deadline starts to run. Hosts in
    `allow_hosts` may lie inside private networks, are asked without pauses, and may be sent credentials and POSTs over
    plain http. `certificates` is a PEM file of authorities to trust in place of the shipped ones.

    Raises Unavailable, Refused, Blocked or Changed. Messages name host and path, never a query or a header; for a
    POST the host alone, because the path of a webhook is its password.
    """

    def __init__(
        self,
        *,
        contact: str,
        clock: Clock,
        allow_hosts: Collection[str] = (),
        deadline: float = 60.0,
        spacing: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        resolve: ResolveName = socket.getaddrinfo,
        on_redirect: OnRedirect | None = None,
        certificates: str | None = None,
    ) -> None:
        self._agent = _user_agent(contact)
        self._clock = clock
        self._allow_hosts = normalize_hosts(allow_hosts)
        self._deadline = deadline
        self._monotonic = monotonic
        self._connector = SafeConnector(self._allow_hosts, resolve)
        self._rate_limiter = HostRateLimiter(spacing, sleep, monotonic)
        self._on_redirect = on_redirect
        self._adapter = _GuardedAdapter(_trusting(certificates or DEFAULT_CA_BUNDLE_PATH))

    def __call__(self, request: Request) -> Response:
        target = parse_target(request.url)
        headers = self._headers(request)
        self._check_plain(request, target)
        if target.host not in self._allow_hosts:
            self._rate_limiter.wait(target.host, request.spacing)
        if request.go_ahead is not None:
            request.go_ahead()
        current_call.start(self._connector, self._monotonic, self._deadline)
        chain = [target]
        while True:
            answer = self._ask(request, chain, headers)
            if answer.status not in _REDIRECTS or answer.status in request.expect:
                return self._response(request, chain, headers, answer)
            # Closed unread: what lies in a redirect body is nobody's business and may be a bomb.
            answer.close()
            chain.append(self._onward(request, chain, answer))
            if chain[-1].origin != chain[-2].origin:
                headers = self._headers(replace(request, headers=_cross_origin_headers(request.headers)))

    def share_turns(self, take_turn: Callable[[str, float], float]) -> None:
        """Share the pauses between calls to one host with other processes: `take_turn` gets a host and the seconds that
        nobody may ask it afterwards, and returns the seconds until it may be asked."""
        self._rate_limiter.take_turn = take_turn

    def close(self) -> None:
        """Close the idle connections."""
        self._adapter.close()

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {
            "user-agent": self._agent,
            "accept-encoding": "gzip",
            "accept": ", ".join((*request.accept, "*/*;q=0.1")) if request.accept else "*/*",
        }
        for name, value in request.headers.items():
            _check_header(name, value)
            headers[name.lower()] = value
        # A validator that cannot be sent back is not worth failing for: we ask without it.
        for name, validator in (("if-none-match", request.etag), ("if-modified-since", request.last_modified)):
            if validator and _HEADER_VALUE.fullmatch(validator):
                headers[name] = validator
        if request.body is not None:
            headers["content-length"] = str(len(request.body))
        return headers

    def _check_plain(self, request: Request, target: RequestTarget) -> None:
        """Anybody on the way can read plain http: nothing secret goes there, unless the host was named for it."""
        if target.scheme == "https" or target.host in self._allow_hosts:
            return
        if request.method not in _SAFE or any(name.lower() not in _NO_CREDENTIALS for name in request.headers):
            params = {"place": target.site, "host": repr(target.host)}
            raise coded_error(Refused, "http.credential_in_clear", params, reached=False)

    def _ask(self, request: Request, chain: list[RequestTarget], headers: Mapping[str, str]) -> HTTPResponse:
        """Send one request and return the answer, its headers read, its body not."""
        for spare in range(_POOLED, -1, -1):
            current_call.reused = True
            try:
                return self._adapter.ask(request.method, chain[-1], headers, request.body, current_call.left())
            except SourceError as error:
                error.reached = len(chain) > 1
                raise
            except _TRANSPORT_ERRORS as trouble:
                fault = self._explain(trouble, _place(request, chain))
                # A publisher may close an idle connection in the moment we take it up again (RFC 9112, 9.3.1).
                stale = any(isinstance(cause, (ConnectionError, ssl.SSLEOFError)) for cause in _causes(trouble))
            if not (spare and stale and current_call.reused and request.method in _SAFE):
                break
        # Outside the except block: what requests says, queries included, is not even left as context.
        raise fault

    def _onward(self, request: Request, chain: list[RequestTarget], answer: HTTPResponse) -> RequestTarget:
        """Return where a redirect leads, or raise for one that is not followed."""
        place, status = _place(request, chain), answer.status
        location = answer.headers.get("location")
        if request.method not in _SAFE:
            params: dict[str, Param] = {"place": place, "method": request.method, "status": status}
            raise coded_error(Refused, "http.redirect_of_post", params, status=status)
        if not location:
            params = {"place": place, "status": status}
            raise coded_error(Unavailable, "http.redirect_to_nowhere", params, status=status)
        if len(chain) > MAX_REDIRECTS:
            names = " -> ".join(target.place for target in chain)
            params = {"most": MAX_REDIRECTS, "names": names}
            raise coded_error(Unavailable, "http.redirects", params, status=status)
        try:
            onward = redirect_target(chain[-1], location)
        except Refused as error:
            params = {"place": place, "status": status, "error": error.recorded}
            raise coded_error(Refused, "http.redirect_refused", params, status=status) from None
        if chain[-1].scheme == "https" and onward.scheme == "http":
            params = {"place": place, "status": status, "onward": onward.place}
            raise coded_error(Refused, "http.redirect_to_http", params, status=status)
        if self._on_redirect:
            self._on_redirect(chain[-1].url, onward.url, status)
        return onward

    def _response(
        self, request: Request, chain: list[RequestTarget], sent: Mapping[str, str], answer: HTTPResponse
    ) -> Response:
        place, status = _place(request, chain), answer.status
        headers = {name.lower(): value for name, value in answer.headers.itermerged()}
        headers.pop("set-cookie", None)
        asked_for = status in request.expect if status != 304 else not sent.keys().isdisjoint(_VALIDATORS)
        if not asked_for:
            start = self._beginning(answer, headers)
            raise error_for_status(place, status, headers, start, request.accept, self._clock())
        if status in _BODYLESS or request.method == "HEAD":
            answer.drain_conn()
            return Response(status, chain[-1].url, headers, b"", self._clock())
        body = self._body(place, answer, headers, request.max_bytes)
        fault = error_for_content(place, status, headers, body, request.accept)
        if fault is None and not body and request.method == "GET" and status not in _REDIRECTS:
            fault = coded_error(Changed, "http.empty", {"place": place}, status=status)
        if fault:
            raise fault
        return Response(status, chain[-1].url, headers, body, self._clock())

    def _body(self, place: str, answer: HTTPResponse, headers: Mapping[str, str], limit: int) -> bytes:
        """Return the whole body; raise for one that is broken, cut short or larger than `limit` inflated bytes."""
        status = answer.status
        try:
            return read_body(_chunks(answer), headers, limit)
        except UnwantedBody as error:
            params: dict[str, Param] = {"place": place, "limit": limit, "seen": str(error)}
            fault: SourceError = coded_error(Changed, "http.unwanted_body", params, status=status)
        except BrokenBody as error:
            fault = coded_error(Unavailable, "http.broken_body", {"place": place, "fault": str(error)}, status=status)
        except _TRANSPORT_ERRORS as trouble:
            fault = self._explain(trouble, place, status)
        answer.close()
        raise fault

    def _beginning(self, answer: HTTPResponse, headers: Mapping[str, str]) -> bytes:
        """Return what can be had of an error page; the status says enough without it."""
        try:
            return self._body("", answer, headers, _ERROR_BODY)
        except SourceError:
            return b""

    def _explain(self, trouble: Exception, place: str, status: int | None = None) -> SourceError:
        """Say what went wrong on the way, in our own words: those of the libraries quote whole addresses."""
        for cause in _causes(trouble):
            if isinstance(cause, ssl.SSLCertVerificationError):
                params = {"place": place, "reason": cause.verify_message}
                return coded_error(Refused, "http.certificate", params, reached=current_call.reached)
            if isinstance(cause, TimeoutError):
                params = {"place": place, "seconds": f"{self._deadline:g}"}
                return coded_error(Unavailable, "http.timeout", params, status=status, reached=current_call.reached)
        cause = _causes(trouble)[-1]
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
        params = {"place": place, "cause": said}
        return coded_error(Unavailable, "http.broken", params, status=status, reached=current_call.reached)


class HostRateLimiter:
    """Lets each host be asked once per `spacing` seconds; who comes too early waits."""

    def __init__(self, spacing: float, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._spacing, self._sleep, self._monotonic = spacing, sleep, monotonic
        self.take_turn: Callable[[str, float], float] = self._take_turn_here
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, spacing: float | None = None) -> None:
        """Wait until this host may be asked; `spacing` asks for a longer pause after it than the usual one."""
        pause = self.take_turn(host, max(self._spacing, spacing or 0.0))
        if pause > 0:
            self._sleep(pause)

    def _take_turn_here(self, host: str, spacing: float) -> float:
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + spacing
            if len(self._next) > _MAX_HOSTS:
                self._next = {name: at for name, at in self._next.items() if at > now}
        return turn - now


class PermanentRedirectLog:
    """Logs each move once while the program runs: host and path, never a query. Safe to share between threads."""

    def __init__(self) -> None:
        self._logged: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __call__(self, before: str, after: str, status: int) -> None:
        move = parse_target(before).place, parse_target(after).place
        with self._lock:
            if status not in _PERMANENT or move in self._logged or len(self._logged) >= _MAX_REDIRECT_LINES:
                return
            self._logged.add(move)
        log_event(log, "moved", level=logging.WARNING, address=move[0], to=move[1], answer=status)


def _trusting(authorities: str) -> ssl.SSLContext:
    """Return a context that trusts these authorities; reading their file takes 20 ms, so it is read when it changed."""
    return _context(authorities, Path(authorities).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _context(authorities: str, _changed: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities)


class _GuardedAdapter(HTTPAdapter):
    """The adapter of requests with our connections and one TLS context, read once and not at every connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=64, pool_maxsize=_POOLED, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **pool)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTlsPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context already holds what we trust; requests would load the authorities again."""

    def ask(
        self, method: str, target: RequestTarget, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> HTTPResponse:
        prepared = PreparedRequest()
        prepared.method, prepared.url, prepared.body = method, target.url, body
        prepared.headers = CaseInsensitiveDict(headers)
        answer = self.send(prepared, stream=True, timeout=(seconds, seconds))
        assert isinstance(answer.raw, HTTPResponse)
        return answer.raw


def _user_agent(contact: str) -> str:
    try:
        version = metadata.version("lexwatch")
    except metadata.PackageNotFoundError:
        version = "dev"
    known = f"lexwatch/{version} (+{contact})" if contact else f"lexwatch/{version}"
    return re.sub(r"[^\x20-\x7e]", "?", known)


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _SET_BY_US:
        raise Refused(phrase("header {name} cannot be set by a watcher", name=repr(name)), reached=False)
    if not _HEADER_VALUE.fullmatch(value):
        raise Refused(phrase("header {name} has characters that cannot be sent", name=repr(name)), reached=False)


def _cross_origin_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may go to another origin. A User-Agent stays: some publishers make it a token."""
    return {name: v for name, v in headers.items() if name.lower() in _NO_CREDENTIALS and name.lower() != "user-agent"}


def _place(request: Request, chain: list[RequestTarget]) -> str:
    return chain[-1].place if request.method in _SAFE else chain[-1].site


def _chunks(answer: HTTPResponse) -> Iterator[bytes]:
    while chunk := answer.read(_CHUNK, decode_content=False):
        yield chunk


def _causes(trouble: BaseException) -> list[BaseException]:
    """Return the exception and everything it wraps, the innermost last."""
    found = [trouble]
    for error in found:
        inner = (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__)
        found += [e for e in inner if isinstance(e, BaseException) and not any(e is known for known in found)]
    return found
