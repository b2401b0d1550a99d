pub mod rotate;
pub mod writer;
