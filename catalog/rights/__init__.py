"""Rights: grants, restrictions, legal demands, and the one rule that decides by them."""
