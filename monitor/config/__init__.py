"""The configuration: which keys there are, what a file means, and how one is written and edited."""
