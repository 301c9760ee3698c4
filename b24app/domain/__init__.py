"""Live here: the rules of credit control, pure and typed; no I/O, no clock, no library of the outside.

Everybody may import this package; it imports only the standard library.
"""
