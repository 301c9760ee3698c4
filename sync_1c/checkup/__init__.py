"""What an integrator is told about a 1C base: each check alone, and the examiner that makes them in order.

Imported by `b24app.wiring` alone. Nothing here writes, and no name of 1C's stands here.
"""
