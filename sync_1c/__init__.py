"""The 1C adapter behind the Ledger port, and the scheduled snapshot that runs over ports only.

Imported by `b24app.wiring` alone; `refresh` knows no transport, so that it can be run over any ledger.
"""
