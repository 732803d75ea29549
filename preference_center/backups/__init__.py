"""Backups, and what makes a restored one safe to serve: no withdrawal and no erasure that was made since is forgotten."""
