"""Builds the language model from public data: ``make train``. Not in the wheel."""
