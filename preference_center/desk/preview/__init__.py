"""Drafts before they are published: as a customer will read them, and what publishing will do."""
