"""Pages about the running of a program: staff, tills, imports, the audit trail, quotas, health, settings."""
