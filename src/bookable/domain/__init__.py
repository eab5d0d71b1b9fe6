"""The rules of booking marketplaces, as a ladder of modules; see ARCHITECTURE.md for who may know whom."""
