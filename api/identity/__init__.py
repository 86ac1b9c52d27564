"""Who people are: login, sessions, SCIM and identity providers, over HTTP."""
