"""How did the schema come to be what it is? One module under `versions` per step, never changed once released."""
