"""Workloads, and the peers that they are compared with. `README.md` says how to repeat them."""

#: The module of each workload, by the name that `vitrine bench NAME` takes.
WORKLOADS = {
    "decision": "bench.decision",
    "hostile": "bench.hostile",
    "import": "bench.catalogue_import",
    "licence-change": "bench.licence_change",
    "mezzanine": "bench.mezzanine",
    "time-to-dark": "bench.time_to_dark",
}
