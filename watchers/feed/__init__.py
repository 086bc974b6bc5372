"""Any RSS, Atom, RDF or JSON feed, as whoever publishes it."""
