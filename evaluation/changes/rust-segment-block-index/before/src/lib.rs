//! Storage of sorted runs.

pub mod flush;
pub mod segment;
