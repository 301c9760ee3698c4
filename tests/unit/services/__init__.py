"""Live here: tests of the services over fakes.

Nobody imports this package.
"""
