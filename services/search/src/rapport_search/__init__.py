"""The query tree over indexes: search, quick search, filters, scans."""
