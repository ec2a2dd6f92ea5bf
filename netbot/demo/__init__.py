"""The demonstration, and the stand-in servers that it shares with the tests."""
