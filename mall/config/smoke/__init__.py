"""The operator's check after a deployment: one whole purchase, played over HTTP by three people."""
