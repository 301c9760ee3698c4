"""Live here: the words for people, checked to the letter.

Nobody imports this package.
"""
