"""What happens in a quarter, one idea a file. A mechanism reads and writes arrays of the world, and nothing else."""
