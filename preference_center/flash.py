"""The notice of the next page. Apps below the composition root take it from `brands.flash`; this is the same."""

from brands.flash import Notice, Undo, flash, newest

__all__ = ["Notice", "Undo", "flash", "newest"]
