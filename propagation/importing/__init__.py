"""Choices from an earlier system: a file, a preset that says what its columns mean, a dry run, then the same for good.

reading → mapping → applying, some people at a time, in one turn; resumed at the line where it was ended
"""
