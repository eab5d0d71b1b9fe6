"""How good the tests are at their work: one line of the product is made wrong, and a test must notice.

`python -m tests.sabotage` does it for every act of `acts.py` and says how many were caught; see CONTRIBUTING.
"""
