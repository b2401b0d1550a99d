//! Writes lines to `<name>.log` and moves full files out of the way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::rotate::Policy;

pub struct LogWriter {
    path: PathBuf,
    policy: Policy,
    file: File,
    size: u64,
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

impl LogWriter {
    pub fn open(path: &Path, policy: Policy) -> io::Result<LogWriter> {
        let (file, size) = open(path)?;
        Ok(LogWriter {
            path: path.to_path_buf(),
            policy,
            file,
            size,
        })
    }

    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        if self.policy.is_due(self.size, bytes.len() as u64) {
            self.rotate()?;
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
        let (file, size) = open(&self.path)?;
        self.file = file;
        self.size = size;
        Ok(())
    }

    fn rotated(&self, number: u32) -> PathBuf {
        self.path.with_extension(format!("{number}.log"))
    }
}
