"""Programs (tenants), their stores, staff, tills and the audit trail."""
