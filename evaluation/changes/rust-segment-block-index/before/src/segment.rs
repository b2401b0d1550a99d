//! Append-only segment files.
//!
//! A segment is a row of blocks. A block is the length of its payload, the
//! checksum of its payload (both u32, little endian) and the payload.

use std::io::{self, Write};

/// A segment takes no further block once it is this big.
pub const MAX_SEGMENT_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Bytes in front of every payload.
pub const BLOCK_HEADER_BYTES: u64 = 8;

/// Adler-like sum, cheap and good enough to notice torn writes.
pub fn checksum(payload: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in payload {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16) | a
}

pub struct SegmentWriter<W: Write> {
    out: W,
    position: u64,
    blocks: u64,
}

impl<W: Write> SegmentWriter<W> {
    pub fn new(out: W) -> Self {
        SegmentWriter {
            out,
            position: 0,
            blocks: 0,
        }
    }

    pub fn is_full(&self) -> bool {
        self.position >= MAX_SEGMENT_BYTES
    }

    pub fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Appends one block.
    pub fn append(&mut self, payload: &[u8]) -> io::Result<()> {
        let len = u32::try_from(payload.len())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "block too large"))?;
        self.out.write_all(&len.to_le_bytes())?;
        self.out.write_all(&checksum(payload).to_le_bytes())?;
        self.out.write_all(payload)?;
        self.position += BLOCK_HEADER_BYTES + u64::from(len);
        self.blocks += 1;
        Ok(())
    }

    /// Hands back the output, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
