"""Pages for people who keep product truth and media truth; `README.md` says how one is made."""
