"""How do commands become durable changes? `Engine` is the way in; a processor applies commands in batches, one commit each."""
