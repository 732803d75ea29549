"""Customers at the desk: found by the whole of a mark, opened with a reason that they can read, and helped by the verbs of the pages."""
