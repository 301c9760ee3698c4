"""Live here: the HTTP face of the product: thin routes, one error table, security headers, templates.

Only the wiring and the WSGI entry import this package; it imports robots, handlers, services and inward.
"""
