"""Covers of posts: one finding each, drawn large and with few words from what runs published."""
