"""Deleting people for good: what goes, the export before it, and the receipt that stays."""
