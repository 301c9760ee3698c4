"""Live here: the outgoing gateway against a scripted portal.

Nobody imports this package.
"""
