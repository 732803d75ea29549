"""Deletion carried out: what goes and what stays, table by table; the plan that the person reads; what proves it afterwards."""
