"""Every way a world is spoilt: one small class per kind, each of which writes down what it planted."""
