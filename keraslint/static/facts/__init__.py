"""From values to the model: heads, losses, metrics, labels, inputs and layers of each training, as facts."""
