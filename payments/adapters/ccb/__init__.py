"""China Construction Bank (建行): CCBIS gateway, scanned codes, and the outreach client (外联平台)."""
