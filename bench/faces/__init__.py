"""`./run bench faces`: how long people wait for the pages, in a real Chromium that is slowed down."""
