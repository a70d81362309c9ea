"""What has to be executed: the register, fingerprints, and why a run is stale."""
