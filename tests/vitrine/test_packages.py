"""What is shipped is under licences that let a company ship it, and is written down."""

from collections.abc import Sequence

import pytest

from vitrine.packages import (
    Package,
    PackagesError,
    bill_of_materials,
    faults_of,
    licence_of,
    packages_among_ours,
    packages_of,
)
from vitrine.vendored import ROOT, sha256_of, vendored_packages


def package(
    name: str = "a", licence: str = "MIT", libraries: tuple[str, ...] = (), *needs: str
) -> Package:
    return Package(name=name, version="1", licence=licence, libraries=libraries, needs=needs)


@pytest.mark.parametrize(
    ("expressions", "texts", "classifiers", "expected"),
    [
        (["mit"], ["GPL"], ["License :: OSI Approved :: BSD License"], "MIT"),
        (["MPL-2.0 AND (Apache-2.0 OR MIT)"], [], [], "MPL-2.0 AND (Apache-2.0 OR MIT)"),
        ([], ["BSD-3-Clause"], ["License :: OSI Approved :: BSD License"], "BSD-3-Clause"),
        ([], ["  Apache License\n  Version 2.0, January 2004\n\n  TERMS"], [], "Apache-2.0"),
        (
            [],
            ["GPL\n\nApache License Version 2.0, January 2004 "],
            [],
            '"GPL  Apache License Version 2.0, January 2004 "',
        ),
        ([], [], ["License :: OSI Approved :: The Unlicense (Unlicense)"], "Unlicense"),
        (
            [],
            ["BSD-3-Clause"],
            [
                "License :: OSI Approved",
                "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
            ],
            "BSD-3-Clause AND LGPL-3.0-only",
        ),
        ([], ["as is"], [], '"as is"'),
        ([], [], ["Programming Language :: Python"], '""'),
    ],
)
def test_a_licence_is_read_from_wherever_a_package_says_it(
    expressions: Sequence[str], texts: Sequence[str], classifiers: Sequence[str], expected: str
) -> None:
    assert licence_of(expressions, texts, classifiers) == expected


@pytest.mark.parametrize(
    "fit",
    [
        package(licence="MPL-2.0 AND (Apache-2.0 OR MIT)"),
        package("psycopg", "LGPL-3.0-only"),
        package("pi-heif", "BSD-3-Clause AND LGPL-3.0-only", ("heif", "de265")),
    ],
)
def test_what_may_be_shipped_is_no_fault(fit: Package) -> None:
    assert faults_of([fit]) == []


@pytest.mark.parametrize(
    "unfit",
    [
        package(licence="GPL-3.0-only"),
        package(licence="MIT OR GPL-2.0-only"),  # whoever means the other allows it by name
        package(licence="AGPL-3.0-or-later"),
        package(licence="LGPL-3.0-only"),
        package("psycopg", "GPL-3.0-only"),
        package("psycopg", "LGPL-2.1-only"),
        package(licence='"as is"'),
        package(licence='""'),
        package(licence="BSD-3-Clause", libraries=("heif", "x265")),
    ],
)
def test_what_may_not_be_shipped_is_told(unfit: Package) -> None:
    (fault,) = faults_of([package(), unfit])
    assert fault.startswith(f"{unfit.name} 1 ")


def test_all_that_a_run_needs_may_be_shipped() -> None:
    packages = packages_of("vitrine")
    assert faults_of(packages) == []
    found = {each.name: each for each in packages}
    assert {"vitrine", "httpx2", "httpcore2", "psycopg-binary"} <= set(found)
    assert not {"pytest", "pyexiv2", "pillow-heif", "httpx"} & set(found)
    assert found["pi-heif"].libraries == ("de265", "heif")
    assert "psycopg-pool" in found["psycopg"].needs


def test_what_tests_need_under_gpl_would_be_found() -> None:
    heif, *_ = (each for each in packages_of("pillow-heif") if each.name == "pillow-heif")
    assert "x265" in heif.libraries
    assert faults_of([heif])
    assert faults_of(packages_of("pyexiv2"))


def test_files_of_others_are_as_they_were_published() -> None:
    listed = {file.path: file.sha256 for each in vendored_packages() for file in each.files}
    assert {path: sha256_of(ROOT / path) for path in listed} == listed
    folders = ("api", "console", "tests")
    kept = {path for each in folders for path in (ROOT / each).rglob("vendor/*")}
    assert {f"{path.relative_to(ROOT)}" for path in kept} <= {*listed}


def test_packages_among_ours_are_in_the_bill_and_may_be_shipped() -> None:
    vendored = packages_among_ours()
    assert faults_of(vendored) == []
    bill = bill_of_materials("root", [package("root"), *vendored])
    assert {"pkg:npm/graphiql@4.1.2", "pkg:npm/%40graphiql/plugin-explorer@4.0.6"} < {
        each["purl"] for each in bill["components"]
    }
    assert len(bill["dependencies"][0]["dependsOn"]) == len(vendored)


def test_a_package_that_is_missing_is_told() -> None:
    with pytest.raises(PackagesError, match="no-such-package is not installed"):
        packages_of("no-such-package")


def test_the_bill_names_each_package_once_and_what_it_needs() -> None:
    packages = [package("a", "MIT", ("png16",), "b"), package("b", '"as is"'), package("root")]
    bill = bill_of_materials("root", packages)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["type"] == "application"
    first, second = bill["components"]
    assert (first["purl"], first["licenses"]) == ("pkg:pypi/a@1", [{"expression": "MIT"}])
    assert [each["name"] for each in first["components"]] == ["libpng16"]
    assert second["licenses"] == [{"license": {"name": '"as is"'}}]
    assert bill["dependencies"][0] == {"ref": "pkg:pypi/a@1", "dependsOn": ["pkg:pypi/b@1"]}
