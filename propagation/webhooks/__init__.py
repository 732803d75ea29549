"""Telling partners: events, signatures, the guard of addresses, and the sending.

entry ─follower→ Delivery rows ─sending→ POST, signed ─→ taken | tried again | given up
"""
