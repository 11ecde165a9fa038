"""Pages of campaigns and audiences."""
