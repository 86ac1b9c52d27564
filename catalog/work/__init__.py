"""Work: jobs of the relay that may take long, with their progress and a result for each row."""
