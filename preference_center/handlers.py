"""Background work of the composition root. The demo's newsletter is registered always and enqueued in the demo alone."""

from preference_center.demo import newsletter

__all__ = ["newsletter"]
