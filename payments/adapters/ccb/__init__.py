"""China Construction Bank (建行): its gateway, scanned codes and the outreach client (外联平台)."""
