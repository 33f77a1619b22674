"""Factories, fakes, conformance suites and the engine starter: development only."""
