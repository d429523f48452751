"""What the command line says and asks: messages, and the commands for people's coding and for topics."""
