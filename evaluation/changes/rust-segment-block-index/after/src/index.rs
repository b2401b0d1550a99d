//! The index of a segment: one entry per block, in key order.

const ENTRY_BYTES: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry {
    /// Smallest key of the block.
    pub first_key: u64,
    /// Where the block begins in the segment.
    pub offset: u64,
}

pub fn encode(entries: &[IndexEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * ENTRY_BYTES);
    for entry in entries {
        out.extend_from_slice(&entry.first_key.to_le_bytes());
        out.extend_from_slice(&(entry.offset as u32).to_le_bytes());
    }
    out
}

/// None if `bytes` is not a whole number of entries.
pub fn decode(bytes: &[u8]) -> Option<Vec<IndexEntry>> {
    if bytes.len() % ENTRY_BYTES != 0 {
        return None;
    }
    bytes
        .chunks_exact(ENTRY_BYTES)
        .map(|chunk| {
            Some(IndexEntry {
                first_key: u64::from_le_bytes(chunk[..8].try_into().ok()?),
                offset: u32::from_le_bytes(chunk[8..].try_into().ok()?).into(),
            })
        })
        .collect()
}

/// The entry of the only block that can hold `key`.
pub fn locate(entries: &[IndexEntry], key: u64) -> Option<&IndexEntry> {
    let after = entries.partition_point(|entry| entry.first_key <= key);
    after.checked_sub(1).map(|n| &entries[n])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<IndexEntry> {
        vec![
            IndexEntry { first_key: 10, offset: 0 },
            IndexEntry { first_key: 25, offset: 4_104 },
        ]
    }

    #[test]
    fn decode_reads_what_encode_wrote() {
        assert_eq!(decode(&encode(&entries())), Some(entries()));
        assert_eq!(decode(&[1, 2, 3]), None);
    }

    #[test]
    fn locate_finds_the_block_below_the_key() {
        let entries = entries();
        assert_eq!(locate(&entries, 9), None);
        assert_eq!(locate(&entries, 24), Some(&entries[0]));
        assert_eq!(locate(&entries, 25), Some(&entries[1]));
        assert_eq!(locate(&entries, 900), Some(&entries[1]));
    }
}
