"""Lives here: tests that the offline portal obeys the reference. Nobody imports it."""
