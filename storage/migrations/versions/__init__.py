"""The steps, oldest first; `storage.location.SCHEMA_VERSIONS` lists them."""
