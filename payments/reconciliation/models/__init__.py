"""What reconciliation writes down."""
