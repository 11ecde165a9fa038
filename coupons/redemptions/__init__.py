"""What a coupon takes off, who may use it, and its use: quoted, held, booked, undone."""
