"""The `aigf` command: one thin file per command."""
