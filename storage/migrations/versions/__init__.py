"""The steps, oldest first; `storage.schema.VERSIONS` lists them."""
