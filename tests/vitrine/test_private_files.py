"""Files that hold secrets are refused where others may read them."""

from pathlib import Path

import pytest

from catalog.errors import SettingsError
from serving.private_files import read_private


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "admin.key"
    path.write_text("secret")
    path.chmod(mode)
    with pytest.raises(SettingsError, match="may be read by others: chmod 600"):
        read_private(path)
    path.chmod(0o600)
    assert read_private(path) == "secret"
