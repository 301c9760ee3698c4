"""Live here: tests of the database that need no second implementation to compare with.

Nobody imports this package.
"""
