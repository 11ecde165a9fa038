"""What a process holds and is: the in-memory snapshot, outside services, metrics, logs, sockets."""
