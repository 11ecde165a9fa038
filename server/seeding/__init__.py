"""`./run admin seed`: a program with members and a year of visits, for trying out and measuring at size."""
