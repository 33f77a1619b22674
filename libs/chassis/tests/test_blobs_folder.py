"""The folder of blobs does what every blob store does."""

from __future__ import annotations

from pathlib import Path

import pytest

from rapport_testkit.blobs_conformance import BlobsConformance, BlobsUnderTest


class TestFolder(BlobsConformance):
    @pytest.fixture
    def under_test(self, tmp_path: Path) -> BlobsUnderTest:
        return BlobsUnderTest(f"file:{tmp_path / 'blobs'}")
