"""The authoritative link between product truth and media truth: which asset shows which product."""
