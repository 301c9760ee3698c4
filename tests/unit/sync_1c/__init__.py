"""Tests of the 1C adapter and of the snapshot."""
