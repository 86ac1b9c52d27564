"""`vitrine sbom`: what this installation runs on, and under which licences."""

import json
import sys

from vitrine.packages import (
    PackagesError,
    bill_of_materials,
    faults_of,
    packages_among_ours,
    packages_of,
)

_ROOT = "vitrine"


def print_sbom(*, check: bool = False) -> None:
    """Print the software bill of materials of this installation, as JSON by CycloneDX 1.6.

    Args:
        check: fail where a package is under a licence that is not allowed.

    Raises:
        PackagesError: one is, or is not installed.
    """
    packages = [*packages_of(_ROOT), *packages_among_ours()]
    json.dump(bill_of_materials(_ROOT, packages), sys.stdout, indent=2)
    sys.stdout.write("\n")
    if check and (faults := faults_of(packages)):
        listed = "\n".join(faults)
        raise PackagesError(
            "take other packages, or allow a licence in vitrine/packages.py with the reason:\n"
            f"{listed}"
        )
