"""The whole app between the offline portal and the offline 1C."""
