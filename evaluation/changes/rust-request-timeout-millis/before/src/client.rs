//! Minimal client for the collector.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::settings::Settings;

pub struct Client {
    address: String,
    timeout: Duration,
    retries: u32,
}

impl Client {
    pub fn new(settings: &Settings) -> Client {
        let address = settings.endpoint().trim_start_matches("http://");
        Client {
            address: address.to_string(),
            timeout: Duration::from_secs(settings.request_timeout()),
            retries: settings.retries(),
        }
    }

    /// Sends one report; connection failures are retried.
    pub fn send(&self, report: &[u8]) -> io::Result<()> {
        let mut stream = self.connect()?;
        stream.write_all(report)?;
        stream.flush()
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut attempt = 0;
        loop {
            match TcpStream::connect(&self.address) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(self.timeout))?;
                    stream.set_write_timeout(Some(self.timeout))?;
                    return Ok(stream);
                }
                Err(error) if attempt >= self.retries => return Err(error),
                Err(_) => attempt += 1,
            }
        }
    }
}
