"""Live here: all words for people, Russian first and English second, and how figures are written in them.

Everybody above the domain may import this package; it imports only the domain.
"""
