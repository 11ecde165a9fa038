"""Members and their devices: enrolment, contact verification, device transfer, merging, leaving."""
