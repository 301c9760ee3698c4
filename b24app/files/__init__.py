"""Live here: files people write and read, their form and what is wrong in them; no web, no database.

Services, the wiring and the commands import it; it stands on the domain and on the words in `messages`.
"""
