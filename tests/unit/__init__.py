"""Live here: tests that do no I/O, or only against fakes and temporary files.

Nobody imports this package.
"""
