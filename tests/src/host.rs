//! The headless host as a program of its own, spoken to from outside.
