"""What can be measured, each by its name."""
