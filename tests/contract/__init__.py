"""Live here: one suite a port, run over the fake and the real adapter.

Nobody imports this package.
"""
