"""Live here: the outgoing Bitrix24 gateway, behind `ports.portal` and `ports.identity`, and every UF_ code.

Only the wiring may import this package.
"""
