"""Discord: client, cards, buttons, delivery. With cogs/, the only place that imports discord."""
