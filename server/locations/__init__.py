"""Location uploads in three client formats, the sweep of silent devices, and nearest-N sync."""
