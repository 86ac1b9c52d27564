"""The rotation of the master key: another one is stated, then what is sealed is sealed anew."""
