"""What campaigns brought, as pages."""
