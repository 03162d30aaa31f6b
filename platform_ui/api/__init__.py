"""The REST API: thin doors over the selectors and services that the pages call too."""
