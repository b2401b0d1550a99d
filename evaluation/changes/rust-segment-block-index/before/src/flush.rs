//! Turns a sorted run of records into a segment file.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::segment::SegmentWriter;

/// Payload size a block aims for.
const BLOCK_TARGET: usize = 64 * 1024;

pub struct Record {
    pub key: u64,
    pub value: Vec<u8>,
}

fn put(block: &mut Vec<u8>, record: &Record) {
    block.extend_from_slice(&record.key.to_le_bytes());
    block.extend_from_slice(&(record.value.len() as u64).to_le_bytes());
    block.extend_from_slice(&record.value);
}

/// Writes `records`, which must be sorted by key, to `dir/<id>.seg`.
///
/// Returns how many records went in; the caller starts the next segment with
/// the rest.
pub fn flush_run(dir: &Path, id: u64, records: &[Record]) -> io::Result<usize> {
    let file = File::create(dir.join(format!("{id:08}.seg")))?;
    let mut writer = SegmentWriter::new(BufWriter::new(file));
    let mut block = Vec::with_capacity(BLOCK_TARGET);
    let mut written = 0;

    for (n, record) in records.iter().enumerate() {
        put(&mut block, record);
        if block.len() >= BLOCK_TARGET {
            writer.append(&block)?;
            block.clear();
            written = n + 1;
            if writer.is_full() {
                break;
            }
        }
    }
    if !block.is_empty() {
        writer.append(&block)?;
        written = records.len();
    }
    let out = writer.finish()?;
    out.into_inner()?.sync_all()?;
    Ok(written)
}
