"""Credit control for Bitrix24 and 1C: the application proper.

The map of the rooms is in README.md; `pyproject.toml` holds the import contracts that keep it true.
"""
