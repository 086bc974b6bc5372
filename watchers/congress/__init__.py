"""The US Congress, as the Library of Congress and the Government Publishing Office publish it."""
