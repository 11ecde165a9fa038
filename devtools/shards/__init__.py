"""On which shards a statement runs, told by its text: what the word behind a query's name is held against."""
