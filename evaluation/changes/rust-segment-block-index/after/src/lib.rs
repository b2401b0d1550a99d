//! Storage of sorted runs.

pub mod flush;
pub mod index;
pub mod segment;
