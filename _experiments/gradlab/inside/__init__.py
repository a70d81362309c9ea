"""What the gradient inside a network is like: the channels that a filter keeps beside those that it drops."""
