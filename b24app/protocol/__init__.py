"""Live here: Bitrix24's wire format without any I/O, as pure functions over bytes and mappings.

Web, the gateway and the services may import it; it imports only the ports' values and the domain.
"""
