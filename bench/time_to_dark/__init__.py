"""`time-to-dark`: how long an image is still delivered after the right to it has ended.

`house.py` runs the real processes, `catalogue.py` fills them, `revocations.py` takes rights away,
`watch.py` asks for the images meanwhile, `load.py` is everybody else, `judge.py` says what was
late.
"""
