"""A second opinion: random documents of clients, and their figures counted from the documents alone.

Nothing here knows the offline base or the adapter (`seeding` brings documents into a base and is apart); a
mistake made in one of them cannot be repeated here by sharing its code.
"""
