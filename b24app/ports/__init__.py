"""Live here: the outside as the services see it: portal, ledger, book, clock (Protocols and values).

Everybody above the domain may import this package; it imports only the domain.
"""
