//! Writes lines to `<name>.log` and moves full files out of the way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::rotate::Policy;

pub struct LogWriter {
    path: PathBuf,
    policy: Policy,
    file: File,
    size: u64,
    since: SystemTime,
}

/// Opens the file for appending; also its size and since when it is in use.
///
/// A file with lines in it counts from its creation, so that a restart does not
/// make it young again. Not all file systems tell; then it counts from now.
fn open(path: &Path) -> io::Result<(File, u64, SystemTime)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let metadata = file.metadata()?;
    let now = SystemTime::now();
    let since = if metadata.len() == 0 {
        now
    } else {
        metadata.created().unwrap_or(now)
    };
    Ok((file, metadata.len(), since))
}

impl LogWriter {
    pub fn open(path: &Path, policy: Policy) -> io::Result<LogWriter> {
        let (file, size, since) = open(path)?;
        Ok(LogWriter {
            path: path.to_path_buf(),
            policy,
            file,
            size,
            since,
        })
    }

    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        let now = SystemTime::now();
        // A clock that was set back makes the file young, not an error.
        let age = now.duration_since(self.since).unwrap_or(Duration::ZERO);
        if self.policy.is_due(self.size, age, bytes.len() as u64) {
            self.rotate()?;
        } else if self.size == 0 {
            // The age counts from the first line.
            self.since = now;
        }
        self.file.write_all(&bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        let mut number = 1;
        while self.rotated(number).exists() {
            number += 1;
        }
        fs::rename(&self.path, self.rotated(number))?;
        let (file, size, since) = open(&self.path)?;
        self.file = file;
        self.size = size;
        self.since = since;
        Ok(())
    }

    fn rotated(&self, number: u32) -> PathBuf {
        self.path.with_extension(format!("{number}.log"))
    }
}
