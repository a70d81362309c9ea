"""Is a map faithful to the network: attribution methods compared by what they say of it, side by side."""
