"""The demo: invented organizations with invented people, as few as 300 or as many as a million.

Nobody here exists. Telephone numbers and e-mail addresses come from ranges that are set aside for fiction.
"""
