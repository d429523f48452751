"""What to run again and why: the stages in order, what each depends on, and the folder of a run."""
