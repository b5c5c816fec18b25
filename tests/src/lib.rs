//! Helpers the stories share.
