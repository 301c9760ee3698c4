"""Live here: installation on a portal: wanted state, pure difference, carrying it out, first contact.

Web, command line and wiring may import it; it imports robots, handlers, ports, protocol and messages.
"""
