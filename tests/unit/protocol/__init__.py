"""Live here: tests of the wire format.

Nobody imports this package.
"""
