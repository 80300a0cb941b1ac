"""The e-mails that the site writes to people: welcome, assignments, and whatever staff write to many at once."""
