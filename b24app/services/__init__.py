"""Live here: the acts of the product, written against ports only: reception, page tokens, the desk.

Robots, handlers, the installer, the web and the wiring may import this package; adapters may not.
"""
