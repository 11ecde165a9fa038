"""What reaches a person by another way than push: a folder a channel, what all of them share, and the worker that sends."""
