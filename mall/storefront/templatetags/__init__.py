"""Words the storefront's templates may use."""
