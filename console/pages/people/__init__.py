"""The pages of people, services, roles and API keys."""
