"""Tests of the offline portal and the offline 1C base themselves."""
