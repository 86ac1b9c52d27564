"""The proof of concept: one scenario, walked step by step against the real processes.

`scenario.py` has the catalogue, `steps.py` lists the steps, each built one is a module of its name;
`run.py` walks them, `report.py` writes down what was asked, done and measured.
"""
