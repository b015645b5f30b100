"""send-campaign: B2B e-mail campaigns with the law built in.

The way through the house is in docs/explanation/architecture.md; ``pipeline.py`` knows the order of the steps.
"""

__version__ = "0.1.0"
