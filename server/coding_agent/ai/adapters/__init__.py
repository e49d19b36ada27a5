"""Libraries that speak to endpoints, each behind one module."""
