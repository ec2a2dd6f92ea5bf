"""``netbot run``: one supervisor, one worker a sphere, one web process."""
