"""Run by alembic: the revisions work on the connection, and in the transaction, that the store hands over."""

from alembic import context

from sender.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the store's own transaction holds everything
)
context.run_migrations()
