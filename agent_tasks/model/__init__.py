"""How is a language model asked? Prompts, replies, prices, and the seam behind which providers stand."""
