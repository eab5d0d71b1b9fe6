"""The statements of inventory, by what they are about."""
