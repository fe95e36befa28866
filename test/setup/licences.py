"""Prints the licence of each Python package that is installed beside it, as JSON by the package's name."""
import importlib.metadata
import json
import re

# Words of free-text fields and of the old classifiers, by the licence's name in SPDX.
SPDX = [
    (r"apache", "Apache-2.0"),
    (r"^(the )?mit\b", "MIT"),
    (r"isc", "ISC"),
    (r"mozilla|^mpl", "MPL-2.0"),
    (r"python software|psf", "PSF-2.0"),
    (r"bsd.2", "BSD-2-Clause"),
    (r"bsd|project jupyter", "BSD-3-Clause"),
]


def licence_of(distribution) -> str:
    metadata = distribution.metadata
    if metadata.get("License-Expression"):
        return metadata["License-Expression"]
    classifiers = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier") or [] if c.startswith("License")]
    for text in [metadata.get("License") or "", *classifiers]:
        for pattern, name in SPDX:
            if re.search(pattern, text[:60].strip().lower()):
                return name
    return "unknown"


def name_of(distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()


print(json.dumps({name_of(d): licence_of(d) for d in importlib.metadata.distributions()}))
