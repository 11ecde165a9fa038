"""LINE: an official account of the program, its friends linked to members, messages, menus and the webhook."""
