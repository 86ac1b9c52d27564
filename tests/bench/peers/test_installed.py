from pathlib import Path

import pytest

from bench.peers.installed import InstallError, Package


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_peer_that_cannot_be_installed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(InstallError, match="ipx: npm: No such file"):
        Package(name="ipx", kind="npm", versions={"ipx": "3.1.1"}).install()


def test_a_peer_counts_as_installed_in_the_pinned_versions_only(cache: Path) -> None:
    empty = Package(name="nothing", kind="venv", versions={})
    (cache / "vitrine-bench" / "nothing").mkdir(parents=True)
    (cache / "vitrine-bench" / "nothing" / "installed.json").write_text("{}")

    assert empty.is_installed
    assert not Package(name="nothing", kind="venv", versions={"thumbor": "7.8.0"}).is_installed


def test_half_an_installation_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Package(name="ipx", kind="npm", versions={"ipx": "3.1.1"})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InstallError):
        package.install()

    assert package.folder.is_dir()
    assert not package.is_installed
