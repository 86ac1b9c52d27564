"""What replays of delivery logs found."""
