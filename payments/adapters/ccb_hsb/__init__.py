"""China Construction Bank's market pay (惠市宝): each order is shared out by it."""
