"""What the staff of a program administer: stores, geofences, tills, staff, sign-in, the program itself."""
