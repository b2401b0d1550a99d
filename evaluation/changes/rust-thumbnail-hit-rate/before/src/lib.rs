pub mod render;
pub mod thumbs;
