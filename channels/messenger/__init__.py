"""Facebook Messenger: a page of the program, replies inside the window that Meta allows, the webhook."""
