"""The HTTP client, and what guards it against publishers and addresses that mean no good."""
