"""The data bases of these tests."""

from tests.databases import empty_url, postgresql, store, store_url

__all__ = ["empty_url", "postgresql", "store", "store_url"]
