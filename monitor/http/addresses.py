"""Which addresses may we ask, and how do we name them without showing a secret?

A URL is accepted only in the one spelling everybody reads alike; the numeric address behind it is judged again when
we connect (`monitor/http/connection.py`), because a name can point anywhere by then.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

import idna

from domain.errors import Refused
from notifications.translation import coded_error

PORTS = {"http": 80, "https": 443}

# Registries: IANA special-purpose addresses for IPv4 and IPv6, and the metadata services of cloud providers. The
# standard library's `is_global` is not used: its verdicts moved between patch releases of Python.
_INSIDE_4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (RFC 6598)
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud provider's wire server, inside although it looks public
        "169.254.0.0/16",  # link-local, and most metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Everything outside 2000::/3 is loopback, mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local, link-local,
# site-local, multicast or unassigned: none of it is a publisher.
_OUTSIDE_6 = ipaddress.IPv6Network("2000::/3")
_INSIDE_6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address of the sender's choice
        "3fff::/20",
    )
)

_LABELS = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_AS_IS = "/%:@!$&'()*+,;=~"
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """Where one request goes. `host` is lower-case ASCII without a trailing dot, IPv6 without brackets; `url` is the
    address as we send it, fragment dropped. `place` is what messages call it: host and path, never the query."""

    scheme: str
    host: str
    port: int
    url: str
    place: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def site(self) -> str:
        """The host, with its port where it is not the usual one."""
        return _netloc(self.scheme, self.host, self.port)


@lru_cache(maxsize=4096)
def parse_target(url: str) -> RequestTarget:
    """Return where a URL leads, or raise Refused if it is not a plain http or https address."""
    if "\\" in url or " " in url or not url.isprintable():
        raise _refused("an address without spaces, backslashes or control characters", url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("a well-formed address", url) from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise _refused("an http or https address", url)
    if "@" in parts.netloc or not parts.hostname or port == 0:
        raise _refused("an address of the form https://host/path, without user or password", url)
    host = parse_host(parts.hostname, bracketed=parts.netloc.startswith("["))
    port = port or PORTS[scheme]
    site = _netloc(scheme, host, port)
    path = quote(parts.path, safe=_AS_IS) or "/"
    query = "?" + quote(parts.query, safe=_AS_IS + "?[]|^{}`") if parts.query else ""
    return RequestTarget(scheme, host, port, f"{scheme}://{site}{path}{query}", f"{site}{_short(path)}")


def parse_host(host: str, *, bracketed: bool = False) -> str:
    """Return a host in the one spelling we use, or raise Refused.

    Names become lower-case IDNA without the trailing dot. `127.1`, `0x7f000001`, octal, full-width digits and
    percent-encoded hosts are refused: resolvers read them as addresses, people do not.
    """
    if bracketed or ":" in host:
        try:
            return str(ipaddress.IPv6Address(host.replace("%", " ")))
        except ValueError:
            raise _refused("an IPv6 address without a zone", host) from None
    name = host.lower().rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _refused("a host name that IDNA allows", host) from None
    if len(name) > 253 or not _LABELS.fullmatch(name):
        raise _refused("a host name of letters, digits and hyphens", host)
    if _NUMERIC.fullmatch(name) and not (host.isascii() and _is_dotted_quad(name)):
        raise _refused("an IPv4 address as four decimal numbers", host)
    return name


def redirect_target(target: RequestTarget, location: str) -> RequestTarget:
    """Return where a `Location` header leads from a target; Refused as for any address."""
    # http.client reads header bytes as Latin-1; publishers write UTF-8.
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    if "\\" in location or not location.isprintable():
        raise _refused("a redirect without backslashes or control characters", location)
    try:
        return parse_target(urljoin(target.url, location.strip().replace(" ", "%20")))
    except ValueError:
        raise _refused("a well-formed redirect", location) from None


def is_public_address(address: str) -> bool:
    """Say whether a numeric address is one that anybody on the internet would reach as the same machine."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _INSIDE_4)
    return ip in _OUTSIDE_6 and not any(ip in net for net in _INSIDE_6)


def normalize_hosts(names: Collection[str]) -> frozenset[str]:
    """Return configured host names in the spelling of `Target.host`."""
    return frozenset(parse_host(name.strip().strip("[]")) for name in names)


def _is_dotted_quad(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _netloc(scheme: str, host: str, port: int) -> str:
    bare = f"[{host}]" if ":" in host else host
    return bare if port == PORTS[scheme] else f"{bare}:{port}"


def _short(path: str) -> str:
    return path if len(path) <= 200 else f"{path[:200]}…"


def _refused(expected: str, seen: str) -> Refused:
    """Say what was wrong with an address, showing only what identifies it: no user, no path, no query."""
    shown = re.split(r"[/\\?#]", seen.partition("://")[2] or seen, maxsplit=1)[0].rpartition("@")[2]
    params = {"expected": expected, "seen": repr(shown[:80])}
    return coded_error(Refused, "http.address_refused", params, reached=False)
