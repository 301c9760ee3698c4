"""Live here: all tests, by reach (unit, contract, edge, sandbox, story), and what they share.

Nothing outside imports this package; tests import builders and fakes from it.
"""
