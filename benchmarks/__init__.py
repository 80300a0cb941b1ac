"""Measurements that can be repeated: see README.md in this folder."""
