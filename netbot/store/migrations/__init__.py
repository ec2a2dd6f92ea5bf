"""Forward-only steps of the schema, run on open; alembic is imported only when one is due."""
