"""The data base: engine, transactions, schema, migrations, and the thread that commits for many.

In comes an address, out come transactions on SQLite or PostgreSQL. SQLAlchemy and alembic live here; the rooms use
``Connection`` and the tables of ``sender.store.schema`` inside the transactions they are given. Knows nothing of
campaigns or contacts beyond their tables.
"""

from sender.store.absent import AbsentStore
from sender.store.alike import alike
from sender.store.engine import Store
from sender.store.identity import Base, found, new_base_id, read_base
from sender.store.writer import Writer

__all__ = ["AbsentStore", "Base", "Store", "Writer", "alike", "found", "new_base_id", "read_base"]
