"""What the words mean: identities, observations, changes, routing, delivery, schedules and errors.

Pure: the standard library only, no I/O, no clock, no logging. Everything here is a value or a function from
values to a value with its reason.
"""
