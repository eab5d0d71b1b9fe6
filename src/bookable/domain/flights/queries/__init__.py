"""What is asked of flights' tables."""
