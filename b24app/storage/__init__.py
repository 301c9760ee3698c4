"""Live here: our own database: tables, the book of shelves, the intake, the vault of secrets, migrations.

Only the wiring (and the command line through it) imports this package; it imports ports and the domain.
"""
