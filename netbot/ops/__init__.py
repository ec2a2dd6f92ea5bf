"""Keeping a home: room on the disk, damage, copies, backup and restore."""
