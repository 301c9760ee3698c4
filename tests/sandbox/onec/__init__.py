"""Tests of the offline 1C base."""
