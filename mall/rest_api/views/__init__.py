"""What each address of the interface for programs answers."""
