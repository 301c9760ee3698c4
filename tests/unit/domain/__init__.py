"""Live here: the rules of credit control as tables and properties.

Nobody imports this package.
"""
