"""Django's SQLite backend with one addition: writers queue on a file lock instead of SQLite's unfair back-off."""
