"""The presidential documents of the United States, as the Federal Register publishes them."""
