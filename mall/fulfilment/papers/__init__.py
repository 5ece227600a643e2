"""What is printed for the day: sheets for vans, points and neighbours, and labels for bags."""
