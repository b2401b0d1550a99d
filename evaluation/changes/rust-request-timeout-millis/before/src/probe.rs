//! Watches whether the collector answers.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::settings::Settings;

#[derive(Debug, PartialEq, Eq)]
pub enum Health {
    Up { took: Duration },
    Down,
}

pub struct Probe {
    address: SocketAddr,
    limit: Duration,
}

impl Probe {
    pub fn new(address: SocketAddr, settings: &Settings) -> Probe {
        Probe {
            address,
            limit: Duration::from_secs(settings.request_timeout()),
        }
    }

    pub fn check(&self) -> Health {
        let begin = Instant::now();
        match TcpStream::connect_timeout(&self.address, self.limit) {
            Ok(_) => Health::Up { took: begin.elapsed() },
            Err(_) => Health::Down,
        }
    }
}
