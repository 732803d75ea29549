"""The file of a copy: an archive that is written once, from front to back, and encrypted while it is written."""
