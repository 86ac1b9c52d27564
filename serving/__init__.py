"""What every process of Vitrine has in common: settings, logs, request ids, health, metrics."""
