"""A replay of true history by the real service: `lexwatch demo`."""
