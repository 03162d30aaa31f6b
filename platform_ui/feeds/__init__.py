"""Feeds: what happens and what is due, for readers that cannot sign in."""
