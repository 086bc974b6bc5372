"""What publishers say: one module or sub-package per publisher; quirks live here and nowhere else."""
