"""Where allauth asks us: who may sign up, which address of a network is kept, how secrets are encrypted, which host a passkey is for."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from qrcode import QRCode
from qrcode.image.svg import SvgPathFillImage

from accounts.middleware import at_desk_host


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up and sign-in go through our own codes; allauth keeps the credentials and the session."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return []  # a customer's sign-in asks for nothing more; the desk asks for a second factor at its own door

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened where it happened."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """All mail is built by `brands.mail` and sent by jobs."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(super().get_client_ip(request))


def network_of(address: str) -> str:
    """The network an address is in: /24 of IPv4, /48 of IPv6. What is kept of it points to a town at best."""
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False).network_address)


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Addresses of networks are cut by `AccountAdapter.get_client_ip`, which allauth asks for them."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encryption().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return encryption().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        return picture_of(url)

    def _get_site_name(self) -> str:
        return str(context.request.brand.name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey belongs to the brand's host, or to that of its desk, whatever the request calls it."""
        brand = context.request.brand
        return {"id": brand.desk_host if at_desk_host(context.request) else brand.host, "name": brand.name}


def picture_of(url: str) -> SafeString:
    """One inline <svg> to scan, black on white whatever the page's colours, so that every camera reads it."""
    code = QRCode(border=4, image_factory=SvgPathFillImage)
    code.add_data(url)
    svg: str = code.make_image().to_string(encoding="unicode")
    return mark_safe(svg)  # noqa: S308  (drawn by us: squares and nothing else)


def encryption() -> MultiFernet:
    if not settings.ENCRYPTION_KEYS:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty: secrets cannot be encrypted.")
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
