"""What reaches a person, until it is out: by whatever channel it goes."""
