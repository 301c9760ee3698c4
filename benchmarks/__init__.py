"""Scripts that print figures beside the budgets; none of them is a test."""
