//! An office with a practice line.
