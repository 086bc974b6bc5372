"""Ukraine, as the legislation database of its parliament publishes it."""
