"""Programs the tests run against."""
