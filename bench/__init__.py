"""Workloads, and the peers that they are compared with. `README.md` says how to repeat them."""

#: The module of each workload, by the name that `vitrine bench NAME` takes.
WORKLOADS = {
    "decision": "bench.decision",
    "delivery-304": "bench.delivery.not_modified",
    "delivery-bytes": "bench.delivery.sizes",
    "delivery-cold": "bench.delivery.cold",
    "delivery-edge": "bench.delivery.edge",
    "delivery-mixed": "bench.delivery.mixed",
    "delivery-srcset": "bench.delivery.srcset",
    "delivery-warm": "bench.delivery.warm",
    "graphql-executor": "bench.graphql.executor",
    "graphql-hit": "bench.graphql.hit",
    "graphql-list": "bench.graphql.listing",
    "hostile": "bench.hostile",
    "import": "bench.catalogue_import",
    "licence-change": "bench.licence_change",
    "mezzanine": "bench.mezzanine",
    "soak": "bench.delivery.soak",
    "time-to-dark": "bench.time_to_dark",
}
