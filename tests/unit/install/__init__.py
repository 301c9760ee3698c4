"""Tests of the installer; `portal.py` holds the portal they install on."""
