"""The commands: arguments in, the engine's verbs, text or JSON out."""
