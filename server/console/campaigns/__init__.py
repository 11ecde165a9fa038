"""Pages of campaigns, audiences, rehearsals and the calendar, as managers read and write them."""
