"""Live here: tests of the HTTP face through Flask's test client.

Nobody imports this package.
"""
