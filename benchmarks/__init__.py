"""Accuracy and speed, one command each; they read public data from ``COMMUNIQUE_DATA``."""
