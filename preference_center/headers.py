"""Headers of every answer, pages and files alike. No Django in here: the settings import it."""

from __future__ import annotations

from wsgiref.headers import Headers

# Nothing of a browser's is ours to use, save the two that passkeys need on our own pages. Only names that browsers know: an
# unknown one is a warning on every page.
OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write", "compute-pressure",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get",
    "idle-detection", "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment",
    "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "unload", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
OWN = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{feature}=()" for feature in OFF), *(f"{feature}=(self)" for feature in OWN)])

EVERYWHERE = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Origin-Agent-Cluster": "?1",
}


def of_static(headers: Headers, _path: str, _url: str) -> None:
    """For WHITENOISE_ADD_HEADERS_FUNCTION: files are answered before the middleware that sets them on pages."""
    for name, value in EVERYWHERE.items():
        headers[name] = value
