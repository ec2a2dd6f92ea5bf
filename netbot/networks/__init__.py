"""One file a network; a new one is its file, its test and an entry in ``policy.yaml``."""
