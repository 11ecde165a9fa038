"""By what a program reaches people: its accounts with others, as its owner sets them."""
