"""Posters residents and leaders send into chats: a group, one of its goods, what has arrived."""
