"""The API, version 1: /api/v1/, described at /api/v1/openapi.json. docs/how-to/partners.md says how to begin."""
