"""The data bases of these tests."""

from tests.databases import postgresql, store, store_url

__all__ = ["postgresql", "store", "store_url"]
