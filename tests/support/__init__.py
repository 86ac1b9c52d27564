"""Real servers for tests: PostgreSQL, S3, uvicorn, the processes of the product, and a browser.

A test of a page asks for the fixture `page`: `chromium.py` says how, and what fails such a test.
"""
