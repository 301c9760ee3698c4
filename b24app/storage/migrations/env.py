"""Run by Alembic: apply the revisions over the connection that `engine.migrate` has opened."""

from __future__ import annotations

from alembic import context

from b24app.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
