"""The local room: a terminal, a pipe and a web page that one operator types into, all at once."""
