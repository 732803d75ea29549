"""Where a webhook may go. An address is resolved once, every answer is looked at, and the connection goes to that very number: a name that
answers differently the second time, a redirect or an odd spelling of 127.0.0.1 leads nowhere (OWASP: server-side request forgery).
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

PORTS = frozenset({443, 8443})
HTTPS_ALONE = "https on port 443 or 8443 alone"
CONNECT, READ = 5.0, 10.0  # seconds
LARGEST = 64 * 1024  # bytes of an answer that are read
AT_LONGEST = 15.0  # seconds for a call as a whole
# What Python calls global and is none of the open network: the old 6to4 relays, and IPv4 inside IPv6, which is unwrapped below.
NAT64 = ip_network("64:ff9b::/96")
CLOSED = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16")))


class Refused(ValueError):
    """This address is not called: the reason in a few words, without the address."""


@dataclass(frozen=True)
class Target:
    """`ip`: what was looked at, and is connected to."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


def checked_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path with query. Raises Refused for what no endpoint may be, wherever its name leads."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise Refused("not an address") from None
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("an endpoint is https://host/path")
    if any(character.isspace() or not character.isprintable() for character in url) or not url.isascii():
        raise Refused("not an address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def check_typed(url: str) -> None:
    """What can be seen of it without asking anybody, so that whoever types it hears at once. Raises Refused."""
    scheme, host, port, _path = checked_url(url)
    try:
        inside = not (_named(ip := ip_address(host)) or _is_open(ip))
    except ValueError:
        inside = False  # a name: looked up before each call
    if inside:
        raise Refused("a private address")
    if not settings.WEBHOOK_NETWORKS and (scheme != "https" or port not in PORTS):
        raise Refused(HTTPS_ALONE)


def resolve(url: str) -> Target:
    """Looks the name up, now. Raises Refused where any of its numbers lies inside, unless the operator has named that network
    (WEBHOOK_NETWORKS); OSError where it has none."""
    scheme, host, port, path = checked_url(url)
    found = [ip_address(str(each[4][0]).partition("%")[0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found:
        raise OSError("no address")
    inside = [_named(ip) for ip in found]
    if not all(named or _is_open(ip) for ip, named in zip(found, inside, strict=True)):
        raise Refused("a private address")
    if not all(inside) and (scheme != "https" or port not in PORTS):
        raise Refused(HTTPS_ALONE)
    return Target(scheme, host, port, path, str(found[0]))


def _named(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip in network for network in map(ip_network, settings.WEBHOOK_NETWORKS))


def _is_open(ip: IPv4Address | IPv6Address) -> bool:
    """On the open network, in whichever way it is wrapped."""
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _is_open(inner)
    if any(ip in network for network in CLOSED):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local)


# ── The call ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class _Pinned(http.client.HTTPConnection):
    """Connects to the number that was looked at; the name is for the certificate and for the Host header."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=READ)
        self.target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self.target.ip, self.target.port), CONNECT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(READ)
        if self.target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.target.host)


class Line:
    """A connection that is kept to one endpoint, and made anew where its name leads elsewhere."""

    def __init__(self) -> None:
        self._connection: _Pinned | None = None
        self._used = False
        self._aborted = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises Refused, OSError or http.client.HTTPException."""
        target = resolve(url)
        if self._connection is None or self._connection.target != target:
            self.close()
            self._connection, self._used = _Pinned(target), False
        try:
            return self._once(self._connection, target.path, body, headers)
        except (ConnectionError, http.client.BadStatusLine):
            if not self._used:
                raise
        # A kept connection that the other side had closed meanwhile: nothing was answered, so it is tried on a new one.
        self.close()
        self._connection, self._used = _Pinned(target), False
        return self._once(self._connection, target.path, body, headers)

    def _once(self, connection: _Pinned, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            connection.request("POST", path, body, {**headers, "user-agent": "preference-center"})
            response = connection.getresponse()
            content = response.read(LARGEST + 1)
        except BaseException:
            connection.close()
            raise
        if self._aborted:  # what was cut off looks like an answer that has ended
            raise TimeoutError("an answer that does not end")
        self._used = True
        if response.will_close or len(content) > LARGEST:
            connection.close()  # the rest is not waited for
        return Answer(response.status, content[:LARGEST])

    def abort(self) -> None:
        """From another thread: whoever drips an answer byte by byte holds nobody up for longer than this."""
        self._aborted, connection = True, self._connection
        if connection is not None and connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it had ended meanwhile

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
