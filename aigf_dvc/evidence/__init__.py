"""What was captured: frozen values and their JSON form."""
