"""Other programs as we start and end them: DVC, and what it started."""
