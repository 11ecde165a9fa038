"""Pages of the map and of what stands on it: stores and geofences."""
