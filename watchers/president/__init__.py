"""Decrees, as the site of the President of Ukraine publishes them, where it answers."""
