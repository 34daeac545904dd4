"""What is taught: project packages, and their published copies."""
