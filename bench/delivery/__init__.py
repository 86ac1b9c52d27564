"""`delivery-…` and `soak`: how fast a real gateway delivers, and peers on the same bytes.

`house.py` runs the gateway on a catalogue of its own, `client.py` asks, and each workload is a
module. The peers are in `bench/peers`.
"""
