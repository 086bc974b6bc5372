"""When it happens, and who is asked."""
