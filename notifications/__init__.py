"""In what words and by what channel people are told."""
