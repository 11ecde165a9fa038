"""This checkout's benches beside those of another one, round by round."""
