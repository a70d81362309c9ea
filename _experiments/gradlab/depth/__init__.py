"""Gradients in deep multilayer perceptrons without training."""
