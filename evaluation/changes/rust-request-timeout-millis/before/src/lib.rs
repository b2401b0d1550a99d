pub mod client;
pub mod probe;
pub mod settings;
