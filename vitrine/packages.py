"""What an installation runs on: its packages, their licences, and what their wheels bring along.

Read from what is installed, so it is true of a checkout, a wheel and an image alike; written as a
software bill of materials (CycloneDX 1.6, ECMA-424).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from catalog.errors import VitrineError
from vitrine.vendored import vendored_packages

#: Under these a company may ship what it builds on them; MPL asks for its own files alone.
ALLOWED: Final = frozenset({
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("MPL-2.0", "PSF-2.0", "Unlicense"),
})  # fmt: skip

#: LGPL asks that whoever gets the whole can exchange the library. These are packages of their own,
#: unchanged, used through their interface, what is compiled in them as shared objects.
ALLOWED_OF: Final[Mapping[str, str]] = {
    "pi-heif": "LGPL-3.0-only",  # libheif and libde265: it is they that are, the binding is BSD
    "psycopg": "LGPL-3.0-only",  # what procrastinate asks PostgreSQL by
    "psycopg-binary": "LGPL-3.0-only",
    "psycopg-pool": "LGPL-3.0-only",
    "pycountry": "LGPL-2.1-only",
    "pyvips-binary": "LGPL-3.0-or-later",  # libvips
}

#: Libraries under GPL that wheels of another licence have been found to carry.
UNDER_GPL: Final = frozenset({
    *("exiv2", "fftw3", "gsl", "imagequant", "mupdf", "poppler", "readline"),
    *("x264", "x265", "xvidcore"),
})  # fmt: skip

#: What packages say instead of an SPDX identifier. Those that say "BSD" alone have three clauses.
_SPDX: Final[Mapping[str, str]] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Dual License": "",  # which its classifiers name
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.1-only",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
#: How the texts of licences begin, which some packages have there as a whole.
_BEGINNINGS: Final[Mapping[str, str]] = {"Apache License Version 2.0, January 2004 ": "Apache-2.0"}
_LIBRARY: Final = re.compile(r"lib([a-z0-9_+]+?)(?:-[0-9a-f]{8})?\.(?:so|dylib)\b.*")


class PackagesError(VitrineError):
    """A package is missing, or under a licence that is not allowed."""

    code: ClassVar[str] = "PACKAGES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package that is installed, or of which files stand among ours.

    Attributes:
        name: as its index writes it, such as `pi-heif`.
        licence: an SPDX expression; what is no such is in quotes.
        libraries: that its wheel brings along, such as `heif`.
        needs: names of packages.
        index: where it comes from, as package URLs name it.
    """

    name: str
    version: str
    licence: str
    libraries: tuple[str, ...]
    needs: tuple[str, ...]
    index: Literal["pypi", "npm"] = "pypi"

    @property
    def purl(self) -> str:
        """Return its package URL (ECMA-427)."""
        return f"pkg:{self.index}/{quote(self.name)}@{self.version}"


def packages_of(root: str) -> list[Package]:
    """Return a package, and all that it needs here, by name.

    Raises:
        PackagesError: one is not installed.
    """
    found: dict[str, Distribution] = {}
    needs: dict[str, set[str]] = {}
    waiting = [Requirement(root)]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        if name not in found:
            found[name] = _installed(name)
        more = _needs(found[name], wanted.extras)
        needs.setdefault(name, set()).update(canonicalize_name(each.name) for each in more)
        waiting += more
    return [
        Package(
            name=name,
            version=found[name].version,
            licence=licence_of(
                found[name].metadata.get_all("License-Expression") or (),
                found[name].metadata.get_all("License") or (),
                found[name].metadata.get_all("Classifier") or (),
            ),
            libraries=_libraries(str(each) for each in found[name].files or ()),
            needs=tuple(sorted(needs[name] - {name})),
        )
        for name in sorted(found)
    ]


def packages_among_ours() -> list[Package]:
    """Return the packages of which files are shipped among ours, by name."""
    return [
        Package(
            name=each.name,
            version=each.version,
            licence=each.licence,
            libraries=(),
            needs=(),
            index="npm",
        )
        for each in vendored_packages()
        if each.is_shipped
    ]


def licence_of(expressions: Sequence[str], texts: Sequence[str], classifiers: Sequence[str]) -> str:
    """Return what a package says of its licence, as one SPDX expression.

    An expression counts alone; names and classifiers count together, whatever they mean by two.
    """
    named = (each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: "))
    said = expressions or [each for each in (*texts, *named) if each != "OSI Approved"]
    known = dict.fromkeys(_spdx(_SPDX.get(each, each)) for each in said)
    return " AND ".join(each for each in known if each) or '""'


def faults_of(packages: Iterable[Package]) -> list[str]:
    """Return what may not be shipped, one sentence each."""
    faults: list[str] = []
    for each in packages:
        named = set(re.findall(r'[\w.+-]+|".*?"', each.licence)) - {"AND", "OR"}
        if named - ALLOWED - {ALLOWED_OF.get(each.name)}:
            faults.append(f"{each.name} {each.version} is under {each.licence}")
        faults += [
            f"{each.name} {each.version} brings lib{library} along, which is under GPL"
            for library in each.libraries
            if library in UNDER_GPL
        ]
    return faults


def bill_of_materials(root: str, packages: Sequence[Package]) -> dict[str, Any]:
    """Return the document, the same for the same packages; files among ours are the root's."""
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": next(_component(each) for each in packages if each.name == root)
            | {"type": "application"}
        },
        "components": [_component(each) for each in packages if each.name != root],
        "dependencies": [
            {
                "ref": each.purl,
                "dependsOn": [
                    other.purl
                    for other in packages
                    if other.name in each.needs or (other.index == "npm" and each.name == root)
                ],
            }
            for each in packages
        ],
    }


def _component(package: Package) -> dict[str, Any]:
    component = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "licenses": [
            {"license": {"name": package.licence}}
            if '"' in package.licence
            else {"expression": package.licence}
        ],
    }
    if package.libraries:
        component["components"] = [
            {"type": "library", "bom-ref": f"{package.purl}#lib{each}", "name": f"lib{each}"}
            for each in package.libraries
        ]
    return component


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise PackagesError(f"{name} is not installed; `make install` does it") from error


def _needs(package: Distribution, extras: Iterable[str]) -> list[Requirement]:
    here = [{"extra": each} for each in ("", *extras)]
    wanted = map(Requirement, package.requires or ())
    return [
        each
        for each in wanted
        if each.marker is None or any(each.marker.evaluate(context) for context in here)
    ]


def _libraries(files: Iterable[str]) -> tuple[str, ...]:
    names = (_LIBRARY.fullmatch(each.rpartition("/")[2]) for each in files)
    return tuple(sorted({each[1] for each in names if each}))


def _spdx(text: str) -> str:
    plain = " ".join(text.split())
    for beginning, licence in _BEGINNINGS.items():
        if plain.startswith(beginning):
            return licence
    try:
        return canonicalize_license_expression(text) if text else ""
    except InvalidLicenseExpression:
        return f'"{text[:80]}"'.replace("\n", " ")
