"""Files people write: the policy."""
