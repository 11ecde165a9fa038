"""What reaches a person: a folder a channel, what all channels share, and the worker that sends."""
