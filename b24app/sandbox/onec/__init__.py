"""Live here: an offline base of «Управление торговлей 11.5» that answers over the standard OData interface.

Only the demo command and the tests may import it; it shares no code with the production adapter, on purpose.
"""
