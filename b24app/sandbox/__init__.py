"""Live here: an offline Bitrix24 portal and an offline 1C base over real HTTP, for the demo and the tests.

Only the demo command and the tests may import this package; it imports nothing of the product but the domain.
"""
