pub mod batcher;
pub mod sink;
