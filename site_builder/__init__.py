"""The press: executed notebooks in, posts and pages out. Never imports torch or gradlab."""
