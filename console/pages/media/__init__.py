"""Assets, and the licences and collections that their rights come from."""
