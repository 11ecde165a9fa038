"""Members whom a chain brings along: what their files say, how far an import has come, and who waits to be claimed."""
