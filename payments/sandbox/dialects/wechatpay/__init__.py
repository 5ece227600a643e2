"""The bank speaking as WeChat Pay does (APIv3): written from its public documents alone."""
