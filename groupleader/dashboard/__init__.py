"""The operator's look at leaders: how they do, who needs help, when they are settled."""
