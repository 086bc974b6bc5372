"""The tests, as a package: a distribution that installs one of this name does not come before it."""
